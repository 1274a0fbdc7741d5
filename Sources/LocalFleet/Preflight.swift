import Engines
import Foundation
import NodeAgent
import Registry

/// What must be there before a fleet starts: packages, an Asterisk, free ports. Installs what is missing.
package struct Preflight: Sendable {
    /// The Debian packages of the engines, and of a built-in phone that says what it heard.
    package static let packages = ["kamailio", "kamailio-extra-modules", "espeak-ng"]
    /// What unpacks Asterisk where none is installed.
    static let unpackers = ["mmdebstrap"]

    let settings: LocalFleetSettings
    let onProgress: @Sendable (String) -> Void

    package init(settings: LocalFleetSettings, onProgress: @escaping @Sendable (String) -> Void) {
        self.settings = settings
        self.onProgress = onProgress
    }

    private var engines: URL { settings.stateDirectory.appending(path: "engines") }

    /// Installs packages and unpacks Asterisk, where that is needed.
    package func prepareEngines() async throws(EngineError) -> AsteriskInstallation {
        let packages = DebianPackages(onProgress: onProgress)
        var wanted = settings.speechCommand == nil ? Self.packages : Self.packages.filter { $0 != "espeak-ng" }
        // A program that is there without its package, from source or another distribution, will do.
        wanted = wanted.filter { !Self.isProgram($0) || Command.find($0) == nil }
        try await packages.install(wanted)
        if let installation = try await AsteriskInstallation.find(engines: engines) { return installation }
        if Command.find("mmdebstrap") == nil { try await packages.install(Self.unpackers) }
        onProgress("unpacking Asterisk 22 into \(engines.path)")
        let tree = AsteriskTree(engines: engines)
        try await tree.unpack(onProgress: onProgress)
        return try await tree.installation()
    }

    /// Installs what `asterism up --cluster` needs besides: the engines of registry, bus and front.
    @discardableResult
    package func prepareCluster() async throws(EngineError) -> ClusterEngines {
        _ = try await NginxInstallation.prepare(onProgress: onProgress)
        return ClusterEngines(
            consul: try await prepareConsul(),
            rabbitmq: try await RabbitMQInstallation.prepare(onProgress: onProgress)
        )
    }

    /// Fetches what `/docs` of the HTTP APIs shows them with.
    package func prepareDocumentation() async throws(EngineError) {
        _ = try await SwaggerInstallation.unpack(engines: engines, onProgress: onProgress)
    }

    private func prepareConsul() async throws(EngineError) -> ConsulInstallation {
        if let found = ConsulInstallation.find(engines: engines) { return found }
        if Command.find("mmdebstrap") == nil {
            try await DebianPackages(onProgress: onProgress).install(Self.unpackers)
        }
        onProgress("unpacking Consul into \(engines.path)")
        return try await ConsulInstallation.unpack(engines: engines, onProgress: onProgress)
    }

    private static func isProgram(_ package: String) -> Bool { package == "kamailio" || package == "espeak-ng" }

    /// Tries every port, so that the first message names the one that is taken.
    package func checkPorts() async throws(LocalFleetError) {
        let edges = [settings.sip] + (settings.listen.map { [HostPort(host: $0, port: settings.sip.port)] } ?? [])
        for address in edges {
            try await check(address, .udp, "SIP")
            try await check(address, .tcp, "SIP")
        }
        try await check(settings.rpc, .tcp, "Kamailio's RPC")
        try await check(settings.gateway, .tcp, "the gateway")
        try await check(settings.sound, .tcp, "synthesized sound")
        try await check(settings.auth, .tcp, "auth")
        try await check(settings.applicationd, .tcp, "applicationd")
        try await check(settings.websocketd, .tcp, "websocketd")
        if settings.cluster { try await checkClusterPorts() }
        for number in 1...settings.nodes {
            let node = NodeSettings.local(
                number: number,
                runDirectory: settings.stateDirectory,
                fleetSecret: "",
                portOffset: settings.portOffset
            )
            for (address, use, transport) in node.listeners {
                try await check(address, transport, "\(use) of \(node.name)")
            }
        }
    }

    private func checkClusterPorts() async throws(LocalFleetError) {
        var ports = [
            (8500, "Consul"), (8530, "Consul's server"), (8531, "Consul's membership"), (5672, "RabbitMQ"),
            (8540, "RabbitMQ's distribution"), (8541, "Erlang's name server"), (8660, "the edge's status"),
            (8661, "the front's status"), (8662, "the status of tts"), (8663, "the status of conference"),
            (8664, "the status of auth"), (8665, "the status of applicationd"), (8666, "the status of websocketd"),
        ]
        for number in 1...LocalFleetSettings.gateways {
            ports += [(8090 + number, "gateway \(number)"), (8650 + number, "the status of gateway \(number)")]
        }
        for number in 1...settings.nodes {
            ports += [(8300 + number, "the events of ast\(number)"), (8600 + number, "the status of ast\(number)")]
        }
        for (port, use) in ports {
            try await check(HostPort(host: "127.0.0.1", port: settings.port(port)), .tcp, use)
        }
    }

    private func check(
        _ address: HostPort,
        _ transport: PortProbe.Transport,
        _ use: String
    ) async throws(LocalFleetError) {
        guard let problem = await PortProbe.problem(host: address.host, port: address.port, transport) else { return }
        throw .portTaken(kind: transport.rawValue, address: "\(address)", use: use, detail: problem)
    }
}
