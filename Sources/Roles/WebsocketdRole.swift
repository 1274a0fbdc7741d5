import Access
import EventBus
import Logging
import Registry
import ServiceLifecycle
import Telemetry
import Websocketd

/// `asterism websocketd`: events over WebSocket, as a process of its own; there may be any number of them.
package enum WebsocketdRole {
    /// Runs until SIGTERM.
    /// - Parameters:
    ///   - advertised: where nginx reaches it.
    ///   - auth: instances of the auth service.
    package static func run(
        settings: WebsocketdSettings,
        advertised: HostPort,
        auth: [AuthAddress],
        cluster: ClusterSettings,
        logger: Logger
    ) async throws {
        try await RoleProcess.run(
            "websocketd",
            name: settings.name,
            cluster: cluster,
            logger: logger
        ) { registry, bus, health, logger in
            services(
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
