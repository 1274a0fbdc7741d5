import EventBus
import Fleet
import Logging
import Registry
import ServiceLifecycle

/// The fleet's ARI endpoint: one address that behaves as one Asterisk, whichever node holds what.
package struct Gateway: Service, CustomStringConvertible {
    private let services: [any Service]
    private let logger: Logger

    package init(settings: GatewaySettings, registry: any Registry, bus: any EventBus, logger: Logger) {
        let directory = FleetDirectory()
        let hub = EventHub()
        let bridges = BridgeConductor(directory: directory, registry: registry, logger: logger)
        let resync = NodeResync(directory: directory, hub: hub, bridges: bridges, logger: logger)
        let applications = Applications(
            registry: registry,
            directory: directory,
            hub: hub,
            settings: settings,
            logger: logger
        )
        let ariUsers = Authenticator(settings.ariUsers)
        let operators = Authenticator(settings.operators)
        let dispatcher = RequestDispatcher(
            directory: directory,
            bridges: bridges,
            admin: AdminAPI(directory: directory, registry: registry, logger: logger),
            ariUsers: ariUsers,
            operators: operators
        )
        let upgrade = EventUpgrade(
            settings: settings,
            hub: hub,
            directory: directory,
            applications: applications,
            ariUsers: ariUsers,
            operators: operators
        )
        services = [
            EventIntake(
                bus: bus,
                directory: directory,
                hub: hub,
                bridges: bridges,
                resync: resync,
                logger: logger
            ),
            NodeWatch(registry: registry, directory: directory, resync: resync, bridges: bridges, logger: logger),
            BridgeUpkeep(bridges: bridges),
            GatewayServer(
                settings: settings,
                dispatcher: dispatcher,
                upgrade: upgrade,
                hub: hub,
                applications: applications,
                logger: logger
            ),
        ]
        self.logger = logger
    }

    package var description: String { "gateway" }

    /// Runs until graceful shutdown: clients are told, then the nodes forget their applications.
    package func run() async throws { try await ServiceGroup(services: services, logger: logger).run() }
}
