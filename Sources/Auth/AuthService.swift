import EventBus
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle
import Telemetry
import WebAPI

/// Users, what they may do, and the tokens that say so. There may be any number of instances on one store.
package struct AuthService: Service, CustomStringConvertible {
    private let settings: AuthSettings
    private let bus: any EventBus
    private let health: Health
    private let documents: DocumentPages?
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let tell: @Sendable (String) -> Void
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - health: shown on its own port.
    ///   - documents: the description of the API.
    ///   - tell: says something to whoever started the process, and to no log: a password that was made up.
    ///   - onListening: told the port once it is open.
    package init(
        settings: AuthSettings,
        bus: any EventBus,
        health: Health,
        documents: DocumentPages?,
        metrics: PrometheusMetrics = .process,
        logger: Logger,
        tell: @escaping @Sendable (String) -> Void,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.settings = settings
        self.bus = bus
        self.health = health
        self.documents = documents
        self.metrics = metrics
        self.logger = logger
        self.tell = tell
        self.onListening = onListening
        health.bad("store", "has not been opened yet")
    }

    package var description: String { "auth" }

    /// Opens the store, which may take a while to come, and serves until graceful shutdown.
    /// - Throws: ``StoreError`` for a store that will not do however long one waits, ``WebServerError``.
    package func run() async throws {
        guard let store = try await open() else { return }
        let passwords = PasswordHasher(rounds: settings.passwordRounds)
        do {
            try await serve(store, passwords)
        } catch {
            await passwords.stop()
            await store.close()
            throw error
        }
        await passwords.stop()
        await store.close()
    }

    private func serve(_ store: any SQLStore, _ passwords: PasswordHasher) async throws {
        let first = try await Bootstrap(store: store, passwords: passwords, settings: settings).run()
        if let password = first.madeUp {
            tell(
                "The first admin of this installation is 'admin' with the password '\(password)'; it is not shown again."
            )
        }
        let installation = settings.installation ?? first.installation
        let core = AuthCore(
            settings: settings,
            store: store,
            passwords: passwords,
            installation: installation,
            announcer: AuthAnnouncer(bus: bus, installation: installation, logger: logger),
            metrics: AuthMetrics(metrics),
            logger: logger
        )
        health.good("store")
        var configuration = ServiceGroupConfiguration(
            services: services(core).map { .init(service: $0) },
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func services(_ core: AuthCore) -> [any Service] {
        var web = WebSettings(address: settings.address)
        web.proxies = settings.proxies
        web.prefixes = ["/api/auth"]
        let tokens = StoredTokens(core: core)
        let server = WebServer(
            name: "auth",
            settings: web,
            pages: WebPages(health: health, metrics: metrics, documents: documents, tokens: tokens),
            times: RequestTimes(metrics: metrics),
            logger: logger,
            onListening: onListening
        ) { router in
            let routes = router.group("0.1")
            TokenRoutes(core: core).add(to: routes)
            UserRoutes(core: core).add(to: routes)
            UserAssociationRoutes(core: core).add(to: routes)
            GroupRoutes(core: core).add(to: routes)
            PolicyRoutes(core: core).add(to: routes)
            TenantRoutes(core: core).add(to: routes)
            SessionRoutes(core: core).add(to: routes)
            ServiceRoutes(core: core, health: health, description: documents?.document.json).add(to: routes)
            ConfigRoutes(core: core).add(to: routes)
        }
        return [server, SessionSweep(core: core, interval: settings.sweepInterval, health: health)]
    }

    /// The store, once it answers.
    /// - Returns: nil when it is time to stop.
    private func open() async throws -> (any SQLStore)? {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do throws(StoreError) {
                return try await settings.database.open()
            } catch {
                guard case .unavailable(let detail) = error, case .postgreSQL = settings.database else { throw error }
                health.bad("store", "does not answer")
                logger.warning("the store does not answer yet", metadata: ["error": "\(detail)"])
                try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
            }
        }
        return nil
    }
}
