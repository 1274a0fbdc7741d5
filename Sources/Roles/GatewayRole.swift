import Access
import EventBus
import Gateway
import Logging
import Registry
import ServiceLifecycle
import Telemetry
import WebAPI

/// `asterism gateway`: the fleet's ARI endpoint, as a process of its own; there may be any number of them.
package struct GatewayRole: Sendable {
    private let settings: GatewaySettings
    private let cluster: ClusterSettings
    private let documents: APIDocumentation
    private let tokens: TokenCache?
    private let logger: Logger

    package init(
        settings: GatewaySettings,
        cluster: ClusterSettings,
        documents: APIDocumentation,
        tokens: TokenCache? = nil,
        logger: Logger
    ) {
        self.tokens = tokens
        self.settings = settings
        self.cluster = cluster
        self.documents = documents
        self.logger = logger
    }

    /// Runs until SIGTERM.
    package func run() async throws {
        try await RoleProcess.run(
            "gateway",
            name: settings.name,
            cluster: cluster,
            consumer: settings.name,
            logger: logger
        ) { registry, bus, health, logger in
            Self.services(
                settings: settings,
                registry: registry,
                bus: bus,
                health: health,
                documents: documents,
                tokens: tokens,
                logger: logger
            )
        }
    }

    /// - Parameter tokens: who says whether a token is good; nil takes no tokens.
    /// - Returns: a gateway whose own port shows `health` and the metrics of this process, and what keeps `health` true.
    package static func services(
        settings: GatewaySettings,
        registry: any Registry,
        bus: any EventBus,
        health: Health,
        documents: APIDocumentation? = nil,
        tokens: TokenCache? = nil,
        logger: Logger
    ) -> [any Service] {
        let page: GatewayPages.Page = { path in
            StatusAnswer(path: path, health: health, metrics: .process).map { ($0.code, $0.contentType, $0.body) }
        }
        let gateway = Gateway(
            settings: settings,
            registry: registry,
            bus: bus,
            tokens: tokens,
            pages: GatewayPages(status: page, metrics: page, document: documents.map { Self.document($0) }),
            logger: logger
        )
        health.bad("fleet", "has not been seen yet")
        return [ReadinessWatch(gateway: gateway.readiness, health: health), gateway]
    }

    /// The descriptions of ARI at the root, and of the operators' API below `/fleet`.
    private static func document(_ documentation: APIDocumentation) -> GatewayPages.Document {
        let (gateway, fleet) = (documentation.pages("gateway"), documentation.pages("fleet"))
        return { path in
            let prefix = "/fleet/"
            let page =
                path.hasPrefix(prefix) ? fleet?.page(path.dropFirst(prefix.count)) : gateway?.page(path.dropFirst())
            return page.map { ($0.status, $0.headers, $0.body) }
        }
    }
}

/// Puts what a gateway waits for on its status page.
private struct ReadinessWatch: Service, CustomStringConvertible {
    let gateway: GatewayReadiness
    let health: Health

    var description: String { "readiness watch" }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let reasons = gateway.reasons
            health.report("fleet", problem: reasons.isEmpty ? nil : reasons.joined(separator: "; "))
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(250)) }
        }
        health.bad("gateway", "is stopping")
    }
}
