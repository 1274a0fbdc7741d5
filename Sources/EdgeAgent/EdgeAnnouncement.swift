import Foundation
import Logging
import Registry
import ServiceLifecycle

/// Tells the registry where an edge is and whether calls pass, while it runs.
package struct EdgeAnnouncement: Service, CustomStringConvertible {
    private let agent: EdgeAgent
    private let name: String
    private let registry: any Registry
    private let logger: Logger

    /// - Parameter name: unique among the edges of the fleet.
    package init(of agent: EdgeAgent, name: String = "edge", registry: any Registry, logger: Logger) {
        self.agent = agent
        self.name = name
        self.registry = registry
        self.logger = logger
    }

    package var description: String { "edge announcement" }

    /// Follows the edge until graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await status in await agent.statuses() { await announce(status) }
        }
    }

    /// Tries until it is said or the task is cancelled: a status that is overtaken meanwhile waits in the stream.
    private func announce(_ status: EdgeStatus) async {
        let settings = agent.settings
        let record = EdgeRecord(
            name: name,
            sip: HostPort(host: settings.advertisedAddress ?? settings.sipAddress, port: settings.sipPort),
            isServing: status.phase == .serving,
            activeNodes: status.activeNodes
        )
        guard let value = try? JSONEncoder().encode(record) else { return }
        var isFailing = false
        while !Task.isCancelled {
            do throws(RegistryError) {
                return try await registry.announce(Array(value), for: RegistryKey.edges + name)
            } catch {
                if !isFailing { logger.warning("the edge could not be announced: \(error)") }
                isFailing = true
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
