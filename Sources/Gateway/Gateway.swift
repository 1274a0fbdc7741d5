import Access
import EventBus
import Fleet
import Logging
import Registry
import ServiceLifecycle
import Telemetry

/// The fleet's ARI endpoint: one address that behaves as one Asterisk, whichever node holds what.
package struct Gateway: Service, CustomStringConvertible {
    private let services: [any Service]
    private let logger: Logger
    /// Whether it can serve, for status pages.
    package let readiness: GatewayReadiness

    /// - Parameters:
    ///   - tokens: who says whether a token is good; nil takes no tokens.
    ///   - pages: what `/status` and `/metrics` show.
    ///   - metrics: where it counts.
    package init(
        settings: GatewaySettings,
        registry: any Registry,
        bus: any EventBus,
        tokens: TokenCache? = nil,
        pages: GatewayPages = GatewayPages(),
        metrics: PrometheusMetrics = .process,
        logger: Logger
    ) {
        let directory = FleetDirectory()
        let filters = EventFilters(registry: registry)
        let hub = EventHub(filters: filters)
        let lasting = LastingRequests(registry: registry, logger: logger)
        let subscribers = BridgeSubscribers(registry: registry)
        let subscriptions = Subscriptions(
            directory: directory,
            bridges: subscribers,
            lasting: lasting,
            registry: registry,
            logger: logger
        )
        let metrics = GatewayMetrics(metrics, directory: directory, hub: hub)
        let readiness = GatewayReadiness(directory: directory)
        let conductorship = Conductorship(
            own: GatewayRecord(name: settings.name, address: settings.advertised ?? settings.address)
        )
        let bridges = BridgeConductor(
            directory: directory,
            registry: registry,
            subscribers: subscribers,
            conductorship: conductorship,
            settings: settings,
            logger: logger
        )
        let mover = CallMover(
            directory: directory,
            bridges: bridges,
            referralPatience: settings.referralPatience,
            logger: logger
        )
        let resync = NodeResync(directory: directory, hub: hub, bridges: bridges, logger: logger)
        let applications = Applications(
            registry: registry,
            directory: directory,
            hub: hub,
            subscriptions: subscriptions,
            filters: filters,
            settings: settings,
            logger: logger
        )
        let door = Doorkeeper(settings, tokens: tokens)
        let desk = BridgeDesk(
            conductorship: conductorship,
            bridges: bridges,
            directory: directory,
            logger: logger
        )
        let dispatcher = RequestDispatcher(
            directory: directory,
            bridges: desk,
            applications: applications,
            fleetwide: FleetwideDesk(directory: directory, lasting: lasting, logger: logger),
            subscriptions: subscriptions,
            filters: filters,
            admin: AdminAPI(
                directory: directory,
                registry: registry,
                mover: mover,
                bridges: desk,
                logger: logger
            ),
            pages: pages,
            affinity: WorkerAffinity(hub: hub, conductorship: conductorship),
            door: door
        )
        let upgrade = EventUpgrade(
            settings: settings,
            hub: hub,
            directory: directory,
            applications: applications,
            readiness: readiness,
            door: door,
            dispatcher: dispatcher,
            conductorship: conductorship
        )
        services = [
            EventIntake(
                bus: bus,
                directory: directory,
                hub: hub,
                bridges: bridges,
                mover: mover,
                resync: resync,
                readiness: readiness,
                metrics: metrics,
                logger: logger
            ),
            NodeWatch(
                registry: registry,
                directory: directory,
                resync: resync,
                bridges: bridges,
                lasting: lasting,
                readiness: readiness,
                logger: logger
            ),
            BridgeWatch(registry: registry, bridges: bridges, readiness: readiness),
            BridgeUpkeep(bridges: bridges),
            ApplicationWatch(
                registry: registry,
                applications: applications,
                directory: directory,
                filters: filters,
                subscribers: subscribers,
                settings: settings
            ),
            GatewayServer(
                settings: settings,
                dispatcher: dispatcher,
                upgrade: upgrade,
                hub: hub,
                applications: applications,
                metrics: metrics,
                logger: logger
            ),
            ConductorCampaign(
                conductorship: conductorship,
                registry: registry,
                bridges: bridges,
                readiness: readiness,
                logger: logger
            ),
        ]
        self.readiness = readiness
        self.logger = logger
    }

    package var description: String { "gateway" }

    /// Runs until graceful shutdown: another gateway is let conduct, clients are told, then the nodes forget their applications.
    package func run() async throws {
        var configuration = ServiceGroupConfiguration(services: services.map { .init(service: $0) }, logger: logger)
        // A registry that does not answer must not keep it.
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        try await ServiceGroup(configuration: configuration).run()
    }
}
