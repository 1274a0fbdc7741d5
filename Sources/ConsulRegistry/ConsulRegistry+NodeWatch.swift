import Foundation
import Logging
import Registry

/// The list of nodes, followed by blocking queries.
extension ConsulRegistry {
    package func nodes() async throws(RegistryError) -> [NodeRecord] {
        let folder = try await readFolder()
        let instances = try await asking { () async throws(ConsulError) in
            try await self.client.instances(of: self.settings.nodeService).0
        }
        // Seen with what is known, and without telling the watchers, whose own queries are under way.
        var view = roll
        view.apply(folder, at: .now)
        view.apply(instances, at: .now)
        return view.nodes(at: .now)
    }

    package func nodeChanges() -> AsyncStream<[NodeRecord]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [NodeRecord].self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        nodeWatchers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forgetNodeWatcher(id) } }
        if roll.isComplete { continuation.yield(roll.nodes(at: .now)) }
        return stream
    }

    func followRecords() async {
        await follow("the records of nodes") { [client, keys] cursor throws(ConsulError) in
            let (pairs, index) = try await client.entries(under: keys.nodes, isConsistent: true, waitingFor: cursor)
            await self.take(NodeFolder(pairs, path: keys.nodes))
            return index
        }
    }

    func followInstances() async {
        await follow("the checks of nodes") { [client, settings] cursor throws(ConsulError) in
            let (list, index) = try await client.instances(of: settings.nodeService, waitingFor: cursor)
            await self.take(list)
            return index
        }
    }

    /// Tells when patience with a lost node ends, and clears away what nobody will bring back.
    func keepRoll() async {
        while !Task.isCancelled {
            let expiry = roll.nextExpiry(after: .now) ?? .now + .seconds(1)
            try? await Task.sleep(until: min(expiry, .now + .seconds(1)))
            tellNodeWatchers()
            for entry in roll.leftovers(at: .now) where ownNodes[entry.record.name] == nil {
                logger.info("removing the record of \(entry.record.name), whose service is gone")
                // Others do the same; the index lets one of us win, and nobody hit a node that has come back.
                try? await client.delete(keys.nodes + entry.record.name, unchangedSince: entry.modifyIndex)
                try? await removeServices(ofNode: entry.record.id)
            }
        }
    }

    /// Repeats a blocking query until the task is cancelled. While Consul is away the last state stands.
    private func follow(
        _ what: String,
        _ query: @Sendable (IndexCursor) async throws(ConsulError) -> UInt64?
    ) async {
        var cursor = IndexCursor()
        var backoff = Backoff()
        while !Task.isCancelled {
            do throws(ConsulError) {
                let index = try await query(cursor)
                if backoff.failures > 0 { logger.info("\(what) are followed again") }
                cursor.advance(to: index)
                backoff.succeeded()
            } catch {
                cursor.reset()
                if error == .abandoned { continue }
                if backoff.failures == 0 { logger.warning("\(what) are not followed for now: \(error)") }
                try? await Task.sleep(for: backoff.failed())
            }
        }
    }

    private func take(_ folder: NodeFolder) {
        roll.apply(folder, at: .now)
        tellNodeWatchers()
    }

    private func take(_ instances: [ServiceInstance]) {
        roll.apply(instances, at: .now)
        tellNodeWatchers()
    }

    private func tellNodeWatchers() {
        guard roll.isComplete else { return }
        let nodes = roll.nodes(at: .now)
        guard nodes != lastTold else { return }
        lastTold = nodes
        for watcher in nodeWatchers.values { watcher.yield(nodes) }
    }

    private func forgetNodeWatcher(_ id: UUID) { nodeWatchers.removeValue(forKey: id) }
}
