import ConsulRegistry
import EventBus
import Logging
import RabbitMQBus
import Registry
import ServiceLifecycle
import Telemetry
import UnixSignals

/// A role as a process of its own: its connections to registry and bus, its status server, and the services that do its work.
struct RoleProcess: Sendable {
    /// How long the orderly part of a stop may take; what remains is cancelled then.
    private static let stopTime = Duration.seconds(4)

    let health: Health
    let registry: ConsulRegistry?
    let bus: RabbitMQBus?
    let logger: Logger
    private let status: HostPort?

    /// A role that uses the registry, and the bus if it has a name there.
    init(role: String, name: String, cluster: ClusterSettings, bus: RabbitMQSettings?, logger: Logger) {
        var logger = logger
        logger[metadataKey: role] = "\(name)"
        self.logger = logger
        health = Health(role: role, name: name, awaiting: bus == nil ? ["registry"] : ["registry", "bus"])
        registry = ConsulRegistry(cluster.registry(role: role), logger: logger)
        self.bus = bus.map { [logger] in RabbitMQBus(settings: $0, logger: logger) }
        status = cluster.status
    }

    /// A role that uses neither.
    init(role: String, name: String, status: HostPort?, logger: Logger) {
        var logger = logger
        logger[metadataKey: role] = "\(name)"
        self.logger = logger
        health = Health(role: role, name: name)
        registry = nil
        bus = nil
        self.status = status
    }

    /// Runs a role that uses registry and bus until SIGTERM or SIGINT.
    /// - Parameters:
    ///   - consumer: a name under which events wait for it while it is away; nil if it need not know what it missed.
    ///   - services: what does the role's work.
    static func run(
        _ role: String,
        name: String,
        cluster: ClusterSettings,
        consumer: String? = nil,
        logger: Logger,
        services: (any Registry, any EventBus, Health, Logger) -> [any Service]
    ) async throws {
        let settings = cluster.bus(name: "asterism \(name)", consumer: consumer)
        let process = RoleProcess(role: role, name: name, cluster: cluster, bus: settings, logger: logger)
        guard let registry = process.registry, let bus = process.bus else { return }
        try await process.run(services(registry, bus, process.health, process.logger))
    }

    /// Runs until SIGTERM or SIGINT. The work ends first, then the connections it needs.
    func run(_ services: [any Service]) async throws {
        var all: [any Service] = []
        if let status {
            all.append(StatusServer(host: status.host, port: status.port, health: health, logger: logger))
        }
        if let registry {
            all += [registry, RegistryWatch(registry: registry, health: health)]
        }
        if let bus { all += [bus, BusWatch(bus: bus, health: health)] }
        var configuration = ServiceGroupConfiguration(
            services: all + services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Self.stopTime
        try await ServiceGroup(configuration: configuration).run()
    }
}
