import ArgumentParser
import ConsulRegistry
import Foundation
import LocalFleet
import RabbitMQBus
import Registry
import Roles
import Telemetry

/// What every role of a cluster takes. Secrets have no flags: they come from the environment or the file.
struct ClusterOptions: ParsableArguments {
    @Option(help: "Consul agents, comma-separated; token: ASTERISM_CONSUL_TOKEN. (default: http://127.0.0.1:8500)")
    var consul: String?
    @Option(help: "PEM file with the authorities of Consul's certificate.") var consulCa: String?
    @Option(help: "Brokers, comma-separated; better as ASTERISM_BROKER. (default: amqp://127.0.0.1:5672)")
    var broker: String?
    @Option(help: "PEM file with the authorities of the brokers' certificates.") var brokerCa: String?
    @Option(help: "Topic exchange of events. (default: wazo)") var exchange: String?
    @Option(help: "How events look on the bus: bare or wrapped. (default: bare)") var eventFormat: EventFormat?
    @Option(help: "Name of this process, unique in its role.") var name: String?
    @Option(help: "Address to listen on; 0.0.0.0 is every one. (default: 127.0.0.1)") var bind: String?
    @Option(help: "Address by which others reach this process. (default: --bind, or the first interface's)")
    var advertise: String?
    @Option(help: "Where /status and /metrics are served, as host:port. (default: none)") var statusAddress: String?
    @Option(help: "Folder for engines and for what this process writes. (default: /var/lib/asterism for root)")
    var stateDir: String?
    @Option(help: "Folder with the configuration templates.") var configDir: String?
    @Option(name: .customLong("config"), help: "YAML file with settings. (default: /etc/asterism/asterism.yaml)")
    var configFile: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)") var logLevel: String?
    @Option(help: "How log lines look: text or json. (default: text)") var logFormat: LogFormat?

    /// Flags, environment and file joined.
    struct Joined {
        let source: SettingsSource
        let cluster: ClusterSettings
        let name: String?
        let bind: String
        let address: String
        let stateDirectory: URL
        let configDirectory: String?

        /// What proves to a node that a request comes from the edge. There is no default: it must be the same everywhere.
        func fleetSecret() throws -> String {
            guard let secret = source.string("fleet-secret"), !secret.isEmpty else {
                throw ValidationError(
                    "ASTERISM_FLEET_SECRET (or fleet-secret in the settings file) is missing: one random word, the same for the "
                        + "edge and all nodes"
                )
            }
            return secret
        }
    }

    func joined() async throws -> Joined {
        let source = try await SettingsSource(file: configFile)
        try Logs.start(
            level: logLevel ?? source.string("log-level") ?? "info",
            format: try logFormat ?? source.value("log-format")
        )
        let consulText = consul ?? source.string("consul") ?? "http://127.0.0.1:8500"
        let brokerText = broker ?? source.string("broker") ?? "amqp://127.0.0.1:5672"
        var cluster = ClusterSettings(
            consul: try ConsulAddress.list(consulText),
            brokers: try BrokerAddress.list(brokerText)
        )
        cluster.consulToken = source.string("consul-token").map { ConsulToken($0) }
        cluster.consulAuthority = consulCa ?? source.string("consul-ca")
        cluster.brokerAuthority = brokerCa ?? source.string("broker-ca")
        cluster.exchange = exchange ?? source.string("exchange") ?? cluster.exchange
        cluster.format = try eventFormat ?? source.value("event-format") ?? cluster.format
        cluster.status = try (statusAddress ?? source.string("status-address")).map(HostPort.init(setting:))
        let bind = bind ?? source.string("bind") ?? "127.0.0.1"
        return Joined(
            source: source,
            cluster: cluster,
            name: (name ?? source.string("name")).flatMap { $0.isEmpty ? nil : $0 },
            bind: bind,
            address: OwnAddress.choose(advertise: advertise ?? source.string("advertise"), bind: bind),
            stateDirectory: StateDirectory.choose(stateDir, source),
            configDirectory: configDir ?? source.string("config-dir")
        )
    }
}

extension EventFormat: ExpressibleByArgument {}

extension HostPort {
    /// Reads `host:port`, with brackets around an IPv6 address.
    init(setting text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else {
            throw ValidationError("'\(text)' is not an address with a port, such as 127.0.0.1:8600")
        }
        self.init(host: text[..<colon].trimmingCharacters(in: ["[", "]"]), port: port)
    }
}
