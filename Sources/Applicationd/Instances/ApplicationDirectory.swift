import ARI
import Foundation
import Logging
import NIOCore
import Registry
import ServiceLifecycle
import Synchronization

/// The applications that are registered here or anywhere else under a UUID, followed in the registry.
///
/// An application that an ARI client registered by opening an event socket is that client's: it is left alone.
final class ApplicationDirectory: Sendable {
    private struct State {
        var registered: Set<String> = []
        var ofSockets: Set<String> = []
        var records: [String: ApplicationRecord] = [:]
        /// The prefixes whose first snapshot has come.
        var seen: Set<String> = []
        var followers: [UUID: AsyncStream<[String: ApplicationRecord]>.Continuation] = [:]

        var isComplete: Bool { seen.count == 3 }

        var all: [String: ApplicationRecord] {
            let names = registered.filter { NamedUUID.isUUID($0) && (records[$0] != nil || !ofSockets.contains($0)) }
            return Dictionary(uniqueKeysWithValues: names.map { ($0, records[$0] ?? .init(name: $0, tenant: nil)) })
        }
    }

    private let registry: any Registry
    private let state = Mutex(State())

    init(registry: any Registry) { self.registry = registry }

    /// Whether an application is registered. One that is not known yet is looked for in the registry.
    func contains(_ application: String) async throws(RegistryError) -> Bool {
        if state.withLock({ $0.all[application] }) != nil { return true }
        guard NamedUUID.isUUID(application) else { return false }
        guard try await registry.entry(RegistryKey.application(application)) != nil else { return false }
        if try await registry.entry(RegistryKey.applicationRecord(application)) != nil { return true }
        return try await registry.entry(RegistryKey.socketApplication(application)) == nil
    }

    /// Every application, as soon as the registry has been read, and after each change.
    func changes() -> AsyncStream<[String: ApplicationRecord]> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [String: ApplicationRecord].self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let id = UUID()
        // In a task of its own, for it is called while the follower's is locked, and news come under our lock.
        continuation.onTermination = { [weak self] _ in Task { self?.forgetFollower(id) } }
        state.withLock { state in
            state.followers[id] = continuation
            if state.isComplete { continuation.yield(state.all) }
        }
        return stream
    }

    private func forgetFollower(_ id: UUID) { state.withLock { $0.followers[id] = nil } }

    /// Registers an application, on every node.
    /// - Returns: whether it is new.
    func register(_ name: String, tenant: String?) async throws(RegistryError) -> Bool {
        let id = NamedUUID.application(name)
        let record = ApplicationRecord(name: name, tenant: tenant)
        _ = try await registry.compareAndSet(
            Array(JSONText.encode(record).readableBytesView),
            for: RegistryKey.applicationRecord(id),
            expected: nil
        )
        // From now on it stays when an event socket closes.
        try await registry.remove(RegistryKey.socketApplication(id))
        return try await registry.compareAndSet(
            Array(id.utf8),
            for: RegistryKey.application(id),
            expected: nil
        )
    }

    /// Follows the registry until it is cancelled.
    func follow() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await self.follow(RegistryKey.applications) { $0.registered = Set($1.keys) }
            }
            group.addTask {
                await self.follow(RegistryKey.socketApplications) { $0.ofSockets = Set($1.keys) }
            }
            group.addTask {
                await self.follow(RegistryKey.applicationRecords) { state, entries in
                    state.records = entries.compactMapValues {
                        try? JSONDecoder().decode(ApplicationRecord.self, from: Data($0.value))
                    }
                }
            }
        }
    }

    private func follow(
        _ prefix: String,
        _ change: @Sendable (inout State, [String: RegistryEntry]) -> Void
    ) async {
        for await entries in await registry.changes(under: prefix) {
            let named = Dictionary(
                entries.map { (String($0.key.dropFirst(prefix.count)), $0.value) },
                uniquingKeysWith: { $1 }
            )
            state.withLock { state in
                let before = state.isComplete ? state.all : nil
                change(&state, named)
                state.seen.insert(prefix)
                let all = state.all
                guard state.isComplete, all != before else { return }
                for follower in state.followers.values { follower.yield(all) }
            }
        }
    }
}
