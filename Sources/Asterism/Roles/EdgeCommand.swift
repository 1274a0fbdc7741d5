import ArgumentParser
import EdgeAgent
import Foundation
import Logging
import Roles

struct EdgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edge",
        abstract: "Run the SIP front door of a cluster: Kamailio and the agent beside it."
    )

    @OptionGroup var options: ClusterOptions
    @Option(help: "SIP port, UDP and TCP. (default: 5060)") var sipPort: Int?
    @Option(help: "Loopback port of Kamailio's RPC. (default: 5065)") var rpcPort: Int?
    @Option(help: "A further address that phones on other machines use.") var listen: String?
    @Option(help: "Digest realm of SIP accounts. (default: asterism)") var realm: String?
    @Option(help: "How calls are spread: roundRobin, callLoad or weight. (default: roundRobin)")
    var balancing: Balancing?
    @Flag(inversion: .prefixedNo, help: "Make the subscriber demo/demo, routes 8001 and 7001. (default: --no-demo)")
    var demo: Bool?
    @Option(help: "Folder of Kamailio's files. (default: edge in the state directory)") var directory: String?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        let folder = (directory ?? source.string("directory")).map { URL(filePath: $0).absoluteURL }
        var edge = EdgeSettings(
            fleetSecret: try joined.fleetSecret(),
            directory: folder ?? joined.stateDirectory.appending(path: "edge")
        )
        edge.sipPort = try sipPort ?? source.value("sip-port") ?? edge.sipPort
        edge.rpcPort = try rpcPort ?? source.value("rpc-port") ?? edge.rpcPort
        edge.sipAddress = joined.bind
        if joined.address != joined.bind { edge.advertisedAddress = joined.address }
        edge.listenAddress = listen ?? source.string("listen")
        edge.realm = realm ?? source.string("realm") ?? edge.realm
        edge.balancing = try balancing ?? source.value("balancing") ?? edge.balancing
        let role = EdgeRole(
            name: joined.name ?? "edge",
            edge: edge,
            cluster: joined.cluster,
            configDirectory: joined.configDirectory,
            addsDemo: try demo ?? source.value("demo") ?? false,
            logger: Logger(label: "asterism.edge")
        )
        try await role.run()
    }
}
