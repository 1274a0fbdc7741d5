import Foundation
import Logging
import Registry

/// What the fleet agrees on, turned into configuration.
extension NodeAgent {
    /// The state of the registry, all at once. While the registry is away, waits for it.
    /// - Throws: `CancellationError`.
    func takeSnapshot() async throws {
        var isFailing = false
        while true {
            do {
                let applications = try await registry.entries(under: RegistryKey.applications)
                let routes = try await registry.entries(under: RegistryKey.routes)
                let nodes = try await registry.nodes()
                await update { [self] configuration in
                    configuration.applications = usableApplications(applications)
                    configuration.routes = usableRoutes(routes)
                    configuration.peers = peers(among: nodes)
                    configuration.isDraining = isDraining(in: nodes)
                }
                return
            } catch {
                // Once per outage.
                if !isFailing { logger.warning("waiting for the registry: \(error)") }
                isFailing = true
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// Follows the registry until the task is cancelled.
    func followRegistry() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.followApplications() }
            group.addTask { await self.followRoutes() }
            group.addTask { await self.followNodes() }
            group.addTask { await self.followEdges() }
        }
    }

    private func followApplications() async {
        for await entries in await registry.changes(under: RegistryKey.applications) {
            await update { $0.applications = usableApplications(entries) }
        }
    }

    private func followRoutes() async {
        for await entries in await registry.changes(under: RegistryKey.routes) {
            await update { $0.routes = usableRoutes(entries) }
        }
    }

    private func followNodes() async {
        for await nodes in await registry.nodeChanges() {
            await update { configuration in
                configuration.peers = peers(among: nodes)
                // Before its registration the node is not in the list and drains no less for that.
                if nodes.contains(where: { $0.name == settings.name }) {
                    configuration.isDraining = isDraining(in: nodes)
                }
            }
        }
    }

    /// An edge that comes back elsewhere, as a container does, is followed: calls to phones go through it. Of several the first by name.
    private func followEdges() async {
        for await entries in await registry.changes(under: RegistryKey.edges) {
            let edges = entries.sorted { $0.key < $1.key }.compactMap {
                try? JSONDecoder().decode(EdgeRecord.self, from: Data($0.value.value))
            }
            if let edge = edges.first?.sip { await update { $0.settings.edge = edge } }
        }
    }

    private func usableApplications(_ entries: [String: RegistryEntry]) -> [String] {
        entries.keys.map { String($0.dropFirst(RegistryKey.applications.count)) }.sorted().filter { name in
            let usable = ConfigurationWords.isApplication(name)
            if !usable { logger.warning("the application name \(name.debugDescription) cannot be used") }
            return usable
        }
    }

    private func usableRoutes(_ entries: [String: RegistryEntry]) -> [String: String] {
        var routes: [String: String] = [:]
        for (key, entry) in entries {
            let number = String(key.dropFirst(RegistryKey.routes.count))
            guard ConfigurationWords.isExtension(number), ConfigurationWords.isApplication(entry.text) else {
                logger.warning("the route \(number.debugDescription) -> \(entry.text.debugDescription) cannot be used")
                continue
            }
            routes[number] = entry.text
        }
        return routes
    }

    private func peers(among nodes: [NodeRecord]) -> [NodeConfiguration.Peer] {
        nodes.filter { $0.name != settings.name && ConfigurationWords.isNode($0.name) }
            .map { .init(name: $0.name, sip: $0.sip) }
            .sorted { $0.name < $1.name }
    }

    private func isDraining(in nodes: [NodeRecord]) -> Bool {
        nodes.first { $0.name == settings.name }?.isDraining ?? false
    }
}
