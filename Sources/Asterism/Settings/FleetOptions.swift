import ArgumentParser
import EdgeAgent
import Foundation
import LocalFleet
import NodeAgent
import Registry
import Telemetry

/// The settings of a fleet on this machine. A flag goes before the environment, that before the file, that before the default.
struct FleetOptions: ParsableArguments {
    @Option(help: "Number of Asterisk nodes. (default: 2)") var nodes: Int?
    @Option(help: "Address or interface for phones on other machines; SIP and sound then answer there too.") var listen:
        String?
    @Option(help: "Folder for engines, registry and the files of a run. (default: /var/lib/asterism for root)")
    var stateDir: String?
    @Option(help: "Folder with the configuration templates.") var configDir: String?
    @Option(help: "Added to every port, so that fleets can stand side by side. (default: 0)") var portOffset: Int?
    @Option(help: "SIP port of the edge. (default: 5060)") var sipPort: Int?
    @Option(help: "Port of the gateway. (default: 8088)") var gatewayPort: Int?
    @Option(help: "Port of synthesized sound. (default: 8001)") var soundPort: Int?
    @Option(help: "Port of applicationd. (default: 8000)") var applicationdPort: Int?
    @Option(help: "Port of websocketd. (default: 9502)") var websocketdPort: Int?
    @Option(help: "Port of auth. (default: 9497)") var authPort: Int?
    @Option(help: "Loopback port of Kamailio's RPC. (default: 5065)") var rpcPort: Int?
    @Option(help: "Digest realm of SIP accounts. (default: asterism)") var realm: String?
    @Option(help: "How calls are spread: roundRobin, callLoad or weight. (default: roundRobin)") var balancing:
        Balancing?
    @Option(help: "Command that speaks: reads text, writes WAV to standard output. (default: espeak-ng)") var speech:
        String?
    @Option(help: "ARI user. (default: wazo)") var ariUser: String?
    @Option(help: "ARI password; better given as ASTERISM_ARI_PASSWORD. (default: wazo)") var ariPassword: String?
    @Flag(
        inversion: .prefixedNo,
        help: "Use Consul, RabbitMQ and nginx, and run every role as a process of its own. (default: --no-cluster)"
    )
    var cluster: Bool?
    @Flag(
        inversion: .prefixedNo,
        help:
            "Make the subscriber demo/demo, the user admin/secret and the routes 8001, 7001 and 6001. (default: --demo)"
    )
    var demo: Bool?
    @Option(name: .customLong("config"), help: "YAML file with settings. (default: /etc/asterism/asterism.yaml)")
    var configFile: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: warning)") var logLevel: String?
    @Option(help: "Log lines as text or json. (default: text)") var logFormat: LogFormat?

    /// Joins flags, environment and file.
    func settings() async throws -> LocalFleetSettings {
        let source = try await SettingsSource(file: configFile)
        try Logs.start(
            level: logLevel ?? source.string("log-level"),
            format: logFormat ?? source.value("log-format")
        )
        var settings = LocalFleetSettings(stateDirectory: StateDirectory.choose(stateDir, source))
        settings.nodes = try nodes ?? source.value("nodes") ?? settings.nodes
        settings.listen = listen ?? source.string("listen")
        settings.configDirectory = configDir ?? source.string("config-dir")
        settings.portOffset = try portOffset ?? source.value("port-offset") ?? settings.portOffset
        settings.sipPort = try sipPort ?? source.value("sip-port") ?? settings.sipPort
        settings.gatewayPort = try gatewayPort ?? source.value("gateway-port") ?? settings.gatewayPort
        settings.soundPort = try soundPort ?? source.value("sound-port") ?? settings.soundPort
        settings.applicationdPort =
            try applicationdPort ?? source.value("applicationd-port") ?? settings.applicationdPort
        settings.websocketdPort = try websocketdPort ?? source.value("websocketd-port") ?? settings.websocketdPort
        settings.authPort = try authPort ?? source.value("auth-port") ?? settings.authPort
        settings.rpcPort = try rpcPort ?? source.value("rpc-port") ?? settings.rpcPort
        settings.realm = realm ?? source.string("realm") ?? settings.realm
        settings.balancing = try balancing ?? source.value("balancing") ?? settings.balancing
        settings.speechCommand = (speech ?? source.string("speech")).map { $0.split(separator: " ").map(String.init) }
        settings.ariUser = Credentials(
            user: ariUser ?? source.string("ari-user") ?? settings.ariUser.user,
            password: ariPassword ?? source.string("ari-password") ?? settings.ariUser.password
        )
        settings.cluster = try cluster ?? source.value("cluster") ?? settings.cluster
        settings.demo = try demo ?? source.value("demo") ?? settings.demo
        try check(settings)
        return settings
    }

    private func check(_ settings: LocalFleetSettings) throws {
        guard (1...64).contains(settings.nodes) else {
            throw ValidationError("--nodes is \(settings.nodes); a fleet on one machine has 1 to 64 nodes")
        }
        let ports = [
            settings.sipPort, settings.gatewayPort, settings.soundPort, settings.rpcPort, settings.applicationdPort,
            settings.websocketdPort, settings.authPort,
        ].map { $0 + settings.portOffset }
        guard let lowest = ports.min(), let highest = ports.max(), lowest > 0, highest < 65_536 else {
            throw ValidationError("a port is outside 1 to 65535; look at the port settings and --port-offset")
        }
    }
}

extension Balancing: ExpressibleByArgument {}

/// The state directory, which fleets and operators' commands must agree on.
enum StateDirectory {
    static func choose(_ flag: String?, _ source: SettingsSource) -> URL {
        if let path = flag ?? source.string("state-dir") { return URL(filePath: path).absoluteURL }
        return LocalFleetSettings.defaultStateDirectory(environment: ProcessInfo.processInfo.environment)
    }
}
