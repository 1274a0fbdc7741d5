/// Who is there: nodes, and the small facts the fleet agrees on (applications, routes, subscribers, bridge homes).
///
/// A port with two implementations: ``EmbeddedRegistry`` for one process, and Consul for a fleet of hosts. Nothing above
/// knows which one it runs on; both pass `Tests/Conformance`. Keys are paths such as `routes/8001`; a value is opaque bytes
/// (UTF-8 text or JSON by convention of its ``RegistryKey``).
package protocol Registry: Sendable {
    /// Adds or replaces the record of a node; the maintenance flag of a known node is kept.
    /// - Throws: ``RegistryError/conflict(_:)`` when another node holds the same entity id.
    func register(_ node: NodeRecord) async throws(RegistryError)
    /// Forgets a node; unknown names are ignored.
    func deregister(node name: String) async throws(RegistryError)
    /// Turns draining on or off.
    /// - Throws: ``RegistryError/unknownNode(_:)``.
    func setDraining(_ draining: Bool, node name: String) async throws(RegistryError)
    /// The nodes known now, sorted by name.
    func nodes() async throws(RegistryError) -> [NodeRecord]
    /// Every node, now and after each change. A slow consumer sees the newest snapshot and may miss those in between:
    /// compare ``NodeRecord/incarnation`` to notice a restart.
    func nodeChanges() async -> AsyncStream<[NodeRecord]>

    /// The value at a key, with the version for ``compareAndSet(_:for:expected:)``.
    func entry(_ key: String) async throws(RegistryError) -> RegistryEntry?
    /// Writes a value, whatever was there.
    func set(_ value: [UInt8], for key: String) async throws(RegistryError)
    /// Writes only if the key's version is `expected` (nil: only if the key does not exist).
    /// - Returns: whether it was written.
    func compareAndSet(_ value: [UInt8], for key: String, expected: UInt64?) async throws(RegistryError) -> Bool
    /// Removes a key; unknown keys are ignored.
    func remove(_ key: String) async throws(RegistryError)
    /// All keys that begin with `prefix`.
    func entries(under prefix: String) async throws(RegistryError) -> [String: RegistryEntry]
    /// The keys under `prefix`, now and after each change; newest snapshot wins, as for ``nodeChanges()``.
    func changes(under prefix: String) async -> AsyncStream<[String: RegistryEntry]>

    /// Writes a key that goes when this process goes, however it goes; it is written again should the registry lose it meanwhile.
    func announce(_ value: [UInt8], for key: String) async throws(RegistryError)
    /// Asks for a key that one process of the fleet holds at a time, with `value` at it while it is ours. Yields whether we hold it,
    /// now and after each change; losing touch with the registry loses the key. Dropping the stream gives it up.
    func campaign(for key: String, as value: [UInt8]) async -> AsyncStream<Bool>
    /// Tells which applications a node's Asterisk has registered; replaces what was told before.
    func serves(_ applications: [String], node name: String) async throws(RegistryError)
}

/// A value and the version that changes with each write.
package struct RegistryEntry: Sendable, Hashable {
    package var value: [UInt8]
    /// Grows with each write to the key (Consul's `ModifyIndex`).
    package var version: UInt64

    package init(value: [UInt8], version: UInt64) {
        self.value = value
        self.version = version
    }

    /// The value as UTF-8 text.
    package var text: String { String(decoding: value, as: UTF8.self) }
}

/// Why the registry refused.
package enum RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another node holds the same entity id.
    case conflict(String)
    /// No such node.
    case unknownNode(String)
    /// The registry cannot be reached or could not store the change.
    case unavailable(String)

    package var description: String {
        switch self {
        case .conflict(let detail): "registry conflict: \(detail)"
        case .unknownNode(let name): "no node is called \(name); `asterism nodes` lists them"
        case .unavailable(let detail): "registry unavailable: \(detail)"
        }
    }
}
