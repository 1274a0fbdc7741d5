import Foundation
import Logging
import Registry
import ServiceLifecycle

/// The registry of a fleet of hosts, in Consul.
///
/// ``run()`` must be running: it keeps the process's session, its nodes' registrations and the list of nodes. What is read
/// and written by key works without it.
package actor ConsulRegistry: Registry, Service {
    nonisolated let settings: ConsulSettings
    nonisolated let keys: KeyPath
    nonisolated let client: ConsulClient
    nonisolated let logger: Logger
    /// The id of this process's service.
    nonisolated let processID: String

    /// What is known of all nodes.
    var roll: NodeRoll
    var lastTold: [NodeRecord]?
    var nodeWatchers: [UUID: AsyncStream<[NodeRecord]>.Continuation] = [:]

    /// The nodes that this process registered, kept there by the heartbeat.
    var ownNodes: [String: NodeRecord] = [:]
    /// Those of them whose name another node has taken meanwhile: the heartbeat leaves them out until they are registered anew.
    var displacedNodes: Set<String> = []
    /// Name of a node -> applications that it serves.
    var served: [String: Set<String>] = [:]
    /// Nodes that are being written: one at a time each.
    var nodesInWork: Set<String> = []

    var lease: Lease
    var isOpeningSession = false
    /// What this process announces.
    var announced: [String: [UInt8]] = [:]
    /// Key -> the session under which it was written last.
    var announcedUnder: [String: String] = [:]
    /// Keys given up while Consul could not be told.
    var pendingReleases: Set<String> = []
    var contests: [String: Contest] = [:]
    /// Keys for which ``run()`` has a task.
    var contested: Set<String> = []
    let newContests: AsyncStream<String>
    private let contestSource: AsyncStream<String>.Continuation

    package init(_ settings: ConsulSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        keys = KeyPath(settings)
        client = ConsulClient(settings)
        processID = "asterism-\(settings.role)-\(UUID().uuidString.prefix(8).lowercased())"
        roll = NodeRoll(patience: settings.suspectFor)
        lease = Lease(timeToLive: settings.processTTL)
        (newContests, contestSource) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1024))
    }

    /// Works until graceful shutdown, then takes this process's session and service out of Consul.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.followRecords() }
                group.addTask { await self.followInstances() }
                group.addTask { await self.keepRoll() }
                group.addTask { await self.keepAlive() }
                group.addTask { await self.keepFence() }
                for await key in self.newContests {
                    group.addTask { await self.contend(for: key) }
                }
            }
        }
        for key in contests.keys { contests[key]?.close() }
        for watcher in nodeWatchers.values { watcher.finish() }
        // Our own task may be cancelled, and Consul shall hear of our end all the same.
        await Task { await self.leave() }.value
    }

    /// Hands a key to a task of ``run()``.
    func startContending(for key: String) {
        guard contested.insert(key).inserted else { return }
        contestSource.yield(key)
    }

    // MARK: Keys

    package func entry(_ key: String) async throws(RegistryError) -> RegistryEntry? {
        let pair = try await asking { () async throws(ConsulError) in try await self.client.entry(self.keys.stored(key))
        }
        return pair.0.map { RegistryEntry(value: $0.value, version: $0.modifyIndex) }
    }

    package func set(_ value: [UInt8], for key: String) async throws(RegistryError) {
        _ = try await asking { () async throws(ConsulError) in
            try await self.client.put(value, for: self.keys.stored(key))
        }
    }

    package func compareAndSet(
        _ value: [UInt8],
        for key: String,
        expected: UInt64?
    ) async throws(RegistryError) -> Bool {
        try await asking { () async throws(ConsulError) in
            try await self.client.put(value, for: self.keys.stored(key), .unchanged(since: expected ?? 0))
        }
    }

    package func remove(_ key: String) async throws(RegistryError) {
        announced[key] = nil
        announcedUnder[key] = nil
        try await asking { () async throws(ConsulError) in try await self.client.delete(self.keys.stored(key)) }
    }

    package func entries(under prefix: String) async throws(RegistryError) -> [String: RegistryEntry] {
        let (pairs, _) = try await asking { () async throws(ConsulError) in
            try await self.client.entries(under: self.keys.stored(prefix))
        }
        return keys.entries(pairs, under: prefix)
    }

    package func changes(under prefix: String) -> AsyncStream<[String: RegistryEntry]> {
        let watch = KeyWatch(client: client, keys: keys, prefix: prefix, logger: logger)
        return AsyncStream { await watch.next() }
    }

    /// Does something with Consul and fails as the port says.
    func asking<Value: Sendable>(
        _ work: () async throws(ConsulError) -> Value
    ) async throws(RegistryError) -> Value {
        do throws(ConsulError) {
            return try await work()
        } catch {
            throw error.forRegistry
        }
    }
}
