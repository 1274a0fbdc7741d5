import Engines
import Foundation
import FrontAgent
import Logging
import Registry

/// `asterism front`: the agent beside nginx, as a process of its own.
package struct FrontRole: Sendable {
    private let name: String
    private let front: FrontSettings
    private let cluster: ClusterSettings
    private let configDirectory: String?
    private let logger: Logger

    package init(
        name: String,
        front: FrontSettings,
        cluster: ClusterSettings,
        configDirectory: String?,
        logger: Logger
    ) {
        self.name = name
        self.front = front
        self.cluster = cluster
        self.configDirectory = configDirectory
        self.logger = logger
    }

    /// Runs until SIGTERM: then nginx is stopped.
    package func run() async throws {
        let process = RoleProcess(role: "front", name: name, cluster: cluster, bus: nil, logger: logger)
        guard let registry = process.registry else { return }
        let agent = FrontAgent(
            settings: front,
            templates: try ConfigTemplates.locate(explicit: configDirectory),
            registry: registry,
            ledger: ProcessLedger(directory: front.directory.appendingPathExtension("processes")),
            health: process.health,
            logger: process.logger
        )
        try await process.run([agent])
    }
}
