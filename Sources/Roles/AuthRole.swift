import Auth
import EventBus
import Foundation
import Logging
import Registry
import ServiceLifecycle
import Telemetry
import WebAPI

/// `asterism auth`: users and tokens, as a process of its own; there may be any number of them on one PostgreSQL.
package enum AuthRole {
    /// Runs until SIGTERM.
    /// - Parameters:
    ///   - advertised: where others reach it.
    ///   - documents: the description of the API.
    package static func run(
        settings: AuthSettings,
        advertised: HostPort,
        cluster: ClusterSettings,
        documents: DocumentPages?,
        logger: Logger
    ) async throws {
        try await RoleProcess.run(
            "auth",
            name: settings.name,
            cluster: cluster,
            logger: logger
        ) { registry, bus, health, logger in
            services(
                settings: settings,
                advertised: advertised,
                registry: registry,
                bus: bus,
                documents: documents,
                health: health,
                logger: logger
            )
        }
    }

    /// An auth service whose own port shows `health`, the metrics of this process and the description of its API. A password that
    /// it makes up goes to standard output.
    package static func services(
        settings: AuthSettings,
        advertised: HostPort,
        registry: any Registry,
        bus: any EventBus,
        documents: DocumentPages? = nil,
        health: Health,
        logger: Logger
    ) -> [any Service] {
        let presence = Presence(of: "auth", name: settings.name, at: advertised, registry: registry, logger: logger)
        return [
            AuthService(
                settings: settings,
                bus: bus,
                health: health,
                documents: documents,
                logger: logger,
                tell: { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) },
                onListening: { _ in presence.begin() }
            ),
            presence,
        ]
    }
}
