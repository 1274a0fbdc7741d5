import ARI
import Access
import EventBus
import Logging
import Registry
import ServiceLifecycle
import Telemetry
import WebAPI

/// Applications over HTTP and the bus, for programs that know nothing of ARI: registers them, does to calls and nodes what their
/// clients ask for, and tells what happens. There may be any number of instances: all serve, one announces.
package struct Applicationd: Service, CustomStringConvertible {
    private let services: [any Service]
    private let logger: Logger

    /// - Parameters:
    ///   - tokens: who says whether a token is good; nil lets everybody in.
    ///   - pages: `/status`, `/metrics` and the description of the API.
    ///   - onListening: told the port once it is open.
    package init(
        settings: ApplicationdSettings,
        registry: any Registry,
        bus: any EventBus,
        tokens: (any TokenChecking)?,
        pages: WebPages,
        metrics: PrometheusMetrics = .process,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        let client = ARIClient(
            baseURL: settings.gateway,
            user: settings.gatewayUser.user,
            password: settings.gatewayUser.password,
            timeout: settings.gatewayTimeout
        )
        let directory = ApplicationDirectory(registry: registry)
        let announcer = Announcer(
            bus: bus,
            instance: settings.name,
            origin: settings.origin,
            metrics: ApplicationdMetrics(metrics),
            logger: logger
        )
        let desk = Desk(client: client, announcer: announcer, directory: directory, registry: registry)
        var web = WebSettings(address: settings.address)
        web.proxies = settings.proxies
        web.prefixes = ["/api/applicationd"]
        let leadership = Leadership(
            instance: settings.name,
            announcer: announcer,
            directory: directory,
            registry: registry,
            bus: bus,
            leader: {
                Leader(
                    announcer: announcer,
                    directory: directory,
                    registry: registry,
                    client: client,
                    errands: Errands(client: client, registry: registry, logger: logger),
                    logger: logger
                )
            },
            logger: logger
        )
        let server = WebServer(
            name: "applicationd",
            settings: web,
            pages: pages,
            times: RequestTimes(metrics: metrics),
            logger: logger,
            onListening: onListening
        ) { router in
            ApplicationRoutes(desk: desk, tokens: tokens, logger: logger).add(to: router)
            CallRoutes(desk: desk, tokens: tokens, musicClasses: settings.musicClasses).add(to: router)
            NodeRoutes(desk: desk, tokens: tokens).add(to: router)
            MediaRoutes(desk: desk, tokens: tokens).add(to: router)
        }
        services = [server, leadership]
        self.logger = logger
    }

    package var description: String { "applicationd" }

    /// Runs until graceful shutdown: another instance is let lead, then requests that have begun are answered.
    package func run() async throws {
        var configuration = ServiceGroupConfiguration(services: services.map { .init(service: $0) }, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        try await ServiceGroup(configuration: configuration).run()
    }
}
