import Registry
import Synchronization

/// An embedded registry whose writes fail, or take their time, when a test says so.
final class FailingRegistry: Registry {
    /// How writes fail.
    enum Failure: Sendable {
        /// They are not done.
        case refused
        /// They are done, and who asked is not told.
        case unanswered
        /// They are done after a while.
        case late(Duration)
    }

    private let registry: EmbeddedRegistry
    private let state = Mutex<Failure?>(nil)
    private let late = Mutex(0)

    /// How many writes have begun that take their time.
    var lateWrites: Int { late.withLock(\.self) }

    init() throws { registry = try EmbeddedRegistry() }

    func fail(_ failure: Failure?) { state.withLock { $0 = failure } }

    private func write<Value>(_ body: () async throws(RegistryError) -> Value) async throws(RegistryError) -> Value {
        switch state.withLock(\.self) {
        case .refused: throw .unavailable("it is away")
        case .unanswered:
            _ = try await body()
            throw .unavailable("it did not answer")
        case .late(let delay):
            late.withLock { $0 += 1 }
            try? await Task.sleep(for: delay)
            return try await body()
        case nil: return try await body()
        }
    }

    func set(_ value: [UInt8], for key: String) async throws(RegistryError) {
        try await write { () async throws(RegistryError) in try await registry.set(value, for: key) }
    }
    func compareAndSet(_ value: [UInt8], for key: String, expected: UInt64?) async throws(RegistryError) -> Bool {
        try await write { () async throws(RegistryError) in
            try await registry.compareAndSet(value, for: key, expected: expected)
        }
    }
    func remove(_ key: String) async throws(RegistryError) {
        try await write { () async throws(RegistryError) in try await registry.remove(key) }
    }

    func register(_ node: NodeRecord) async throws(RegistryError) { try await registry.register(node) }
    func deregister(node name: String) async throws(RegistryError) { await registry.deregister(node: name) }
    func setDraining(_ draining: Bool, node name: String) async throws(RegistryError) {
        try await registry.setDraining(draining, node: name)
    }
    func nodes() async throws(RegistryError) -> [NodeRecord] { await registry.nodes() }
    func nodeChanges() async -> AsyncStream<[NodeRecord]> { await registry.nodeChanges() }
    func entry(_ key: String) async throws(RegistryError) -> RegistryEntry? { await registry.entry(key) }
    func entries(under prefix: String) async throws(RegistryError) -> [String: RegistryEntry] {
        await registry.entries(under: prefix)
    }
    func changes(under prefix: String) async -> AsyncStream<[String: RegistryEntry]> {
        await registry.changes(under: prefix)
    }
    func announce(_ value: [UInt8], for key: String) async throws(RegistryError) {
        try await registry.announce(value, for: key)
    }
    func campaign(for key: String, as value: [UInt8]) async -> AsyncStream<Bool> {
        await registry.campaign(for: key, as: value)
    }
    func serves(_ applications: [String], node name: String) async throws(RegistryError) {
        await registry.serves(applications, node: name)
    }
}
