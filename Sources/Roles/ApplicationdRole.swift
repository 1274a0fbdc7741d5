import Access
import Applicationd
import EventBus
import Logging
import Registry
import ServiceLifecycle
import Telemetry
import WebAPI

/// `asterism applicationd`: applications over HTTP and the bus, as a process of its own; there may be any number of them.
package enum ApplicationdRole {
    /// Runs until SIGTERM.
    /// - Parameters:
    ///   - documents: the description of the API.
    ///   - tokens: who says whether a token is good; nil lets everybody in.
    package static func run(
        settings: ApplicationdSettings,
        cluster: ClusterSettings,
        documents: DocumentPages?,
        tokens: (any TokenChecking)?,
        logger: Logger
    ) async throws {
        try await RoleProcess.run(
            "applicationd",
            name: settings.name,
            cluster: cluster,
            logger: logger
        ) { registry, bus, health, logger in
            services(
                settings: settings,
                registry: registry,
                bus: bus,
                documents: documents,
                tokens: tokens,
                health: health,
                logger: logger
            )
        }
    }

    /// An applicationd whose own port shows `health`, the metrics of this process and the description of its API.
    package static func services(
        settings: ApplicationdSettings,
        registry: any Registry,
        bus: any EventBus,
        documents: DocumentPages?,
        tokens: (any TokenChecking)?,
        health: Health,
        logger: Logger
    ) -> [any Service] {
        let advertised = settings.advertised ?? settings.address
        let presence = Presence(
            of: "applicationd",
            name: settings.name,
            at: advertised,
            registry: registry,
            logger: logger
        )
        return [
            Applicationd(
                settings: settings,
                registry: registry,
                bus: bus,
                tokens: tokens,
                pages: WebPages(health: health, documents: documents, tokens: tokens),
                logger: logger,
                onListening: { _ in presence.begin() }
            ),
            presence,
        ]
    }
}
