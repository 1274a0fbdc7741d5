import Access
import EventBus
import Logging
import ServiceLifecycle
import Telemetry

/// Events of the fleet's services over WebSocket, for clients of wazo-websocketd.
package struct Websocketd: Service, CustomStringConvertible {
    private let settings: WebsocketdSettings
    private let bus: any EventBus
    private let tokens: any TokenChecking
    private let health: Health
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - tokens: the auth service, asked anew each time: a cache would let revoked tokens live longer.
    ///   - onListening: told the port once it is open and events come.
    package init(
        settings: WebsocketdSettings,
        bus: any EventBus,
        tokens: any TokenChecking,
        health: Health,
        metrics: PrometheusMetrics = .process,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.bus = bus
        self.tokens = tokens
        self.health = health
        self.metrics = metrics
        self.logger = logger
        self.onListening = onListening
    }

    package var description: String { "websocketd" }

    /// Runs until graceful shutdown.
    /// - Throws: ``WebsocketdError``.
    package func run() async throws {
        let certificate = try await CurrentCertificate(
            OwnCertificate(files: settings.certificate),
            interval: settings.certificateInterval,
            logger: logger
        )
        let hub = SessionHub()
        let metrics = WebsocketdMetrics(metrics, hub: hub)
        health.bad("events", "have not begun")
        let listener = BusListener(
            bus: bus,
            hub: hub,
            metrics: metrics,
            backlog: settings.busBacklog,
            health: health,
            logger: logger
        )
        let server = WebsocketServer(
            surroundings: SessionHandler.Surroundings(
                settings: settings,
                tokens: tokens,
                hub: hub,
                metrics: metrics,
                logger: logger
            ),
            certificate: certificate,
            health: health,
            onListening: onListening
        )
        // In reverse order at the end: the server tells its clients before the bus goes.
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: listener), .init(service: certificate), .init(service: server)],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// Why websocketd cannot run.
package enum WebsocketdError: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotListen(String, String)
    case certificate(String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let detail):
            "websocketd cannot listen on \(address) (\(detail)); end what uses it or choose another with --port"
        case .certificate(let detail): "websocketd has no certificate for wss: \(detail)"
        }
    }
}
