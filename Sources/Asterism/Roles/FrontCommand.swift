import ArgumentParser
import Foundation
import FrontAgent
import Logging
import Registry
import Roles

struct FrontCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "front",
        abstract: "Run the public origin of a cluster: nginx and the agent beside it."
    )

    @OptionGroup var options: ClusterOptions
    @Option(help: "Port of HTTP and WebSocket. (default: 8088)") var port: Int?
    @Option(help: "PEM file with the certificate chain, for HTTPS.") var certificate: String?
    @Option(help: "PEM file with its key.") var key: String?
    @Flag(inversion: .prefixedNo, help: "Log each request, without its query. (default: no)") var accessLog: Bool?
    @Option(help: "Folder of nginx's files. (default: front in the state directory)") var directory: String?

    func run() async throws {
        let joined = try await options.joined()
        let source = joined.source
        let folder = (directory ?? source.string("directory")).map { URL(filePath: $0).absoluteURL }
        var front = FrontSettings(
            address: HostPort(host: joined.bind, port: try port ?? source.value("port") ?? 8088),
            directory: folder ?? joined.stateDirectory.appending(path: "front")
        )
        switch (certificate ?? source.string("certificate"), key ?? source.string("key")) {
        case (let certificate?, let key?): front.tls = .init(certificate: certificate, key: key)
        case (nil, nil): break
        default: throw ValidationError("--certificate and --key belong together")
        }
        front.accessLog = try accessLog ?? source.value("access-log") ?? front.accessLog
        try await FrontRole(
            name: joined.name ?? "front",
            front: front,
            cluster: joined.cluster,
            configDirectory: joined.configDirectory,
            logger: Logger(label: "asterism.front")
        ).run()
    }
}
