import Access
import EventBus
import Logging
import Registry
import ServiceLifecycle
import Telemetry
import Websocketd

/// `asterism websocketd`: events over WebSocket, as a process of its own; there may be any number of them.
package struct WebsocketdRole: Sendable {
    private let settings: WebsocketdSettings
    private let advertised: HostPort
    private let auth: [AuthAddress]
    private let cluster: ClusterSettings
    private let logger: Logger

    /// - Parameters:
    ///   - advertised: where nginx reaches it.
    ///   - auth: instances of the auth service.
    package init(
        settings: WebsocketdSettings,
        advertised: HostPort,
        auth: [AuthAddress],
        cluster: ClusterSettings,
        logger: Logger
    ) {
        self.settings = settings
        self.advertised = advertised
        self.auth = auth
        self.cluster = cluster
        self.logger = logger
    }

    /// Runs until SIGTERM.
    package func run() async throws {
        try await RoleProcess.run(
            "websocketd",
            name: settings.name,
            cluster: cluster,
            logger: logger
        ) { registry, bus, health, logger in
            Self.services(
                settings: settings,
                advertised: advertised,
                tokens: TokenClient(auth),
                registry: registry,
                bus: bus,
                health: health,
                logger: logger
            )
        }
    }

    /// A websocketd and its presence in the registry.
    package static func services(
        settings: WebsocketdSettings,
        advertised: HostPort,
        tokens: any TokenChecking,
        registry: any Registry,
        bus: any EventBus,
        health: Health,
        logger: Logger
    ) -> [any Service] {
        let presence = Presence(
            of: "websocketd",
            name: settings.name,
            at: advertised,
            registry: registry,
            logger: logger
        )
        return [
            Websocketd(
                settings: settings,
                bus: bus,
                tokens: tokens,
                health: health,
                logger: logger,
                onListening: { _ in presence.begin() }
            ),
            presence,
        ]
    }
}
