import EdgeAgent
import Engines
import Foundation
import Logging
import Registry
import ServiceLifecycle
import Telemetry

/// `asterism edge`: the agent beside Kamailio, as a process of its own.
package struct EdgeRole: Sendable {
    private let name: String
    private let edge: EdgeSettings
    private let cluster: ClusterSettings
    private let configDirectory: String?
    private let addsDemo: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - name: unique among edges.
    ///   - addsDemo: whether to put the subscriber and the routes of the demonstration into the registry.
    package init(
        name: String,
        edge: EdgeSettings,
        cluster: ClusterSettings,
        configDirectory: String?,
        addsDemo: Bool,
        logger: Logger
    ) {
        self.name = name
        self.edge = edge
        self.cluster = cluster
        self.configDirectory = configDirectory
        self.addsDemo = addsDemo
        self.logger = logger
    }

    /// Runs until SIGTERM: then Kamailio is stopped.
    package func run() async throws {
        let process = RoleProcess(role: "edge", name: name, cluster: cluster, bus: nil, logger: logger)
        guard let registry = process.registry else { return }
        var edge = edge
        edge.adoptsRunning = true
        let agent = EdgeAgent(
            settings: edge,
            templates: try ConfigTemplates.locate(explicit: configDirectory),
            registry: registry,
            ledger: ProcessLedger(directory: edge.directory.appendingPathExtension("processes")),
            logger: process.logger
        )
        process.health.bad("kamailio", "has not started yet")
        var services: [any Service] = [
            EdgeAnnouncement(of: agent, name: name, registry: registry, logger: process.logger),
            EdgeWatch(agent: agent, health: process.health), agent,
        ]
        if addsDemo {
            services.append(DemoContent(registry: registry, realm: edge.realm, logger: process.logger))
        }
        try await process.run(services)
    }
}

/// Puts the edge's status on its status page.
private struct EdgeWatch: Service, CustomStringConvertible {
    let agent: EdgeAgent
    let health: Health

    var description: String { "edge watch" }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await status in await agent.statuses() {
                health.report("kamailio", problem: status.phase == .serving ? nil : "is \(status.phase.rawValue)")
                health.report("nodes", problem: status.activeNodes > 0 ? nil : "calls can go to none")
            }
        }
    }
}
