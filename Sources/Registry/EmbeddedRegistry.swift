import Foundation

/// The registry of a fleet in one process. Routes and subscribers outlive the process when a file is given.
package actor EmbeddedRegistry: Registry {
    private var nodesByName: [String: NodeRecord] = [:]
    private var values: [String: RegistryEntry] = [:]
    private var version: UInt64 = 0
    private var nodeWatchers: [UUID: AsyncStream<[NodeRecord]>.Continuation] = [:]
    private var keyWatchers: [UUID: (prefix: String, continuation: AsyncStream<[String: RegistryEntry]>.Continuation)] =
        [:]
    private var campaigners: [String: [Campaigner]] = [:]
    private let lasting: LastingKeys?

    /// - Parameter lasting: where routes and subscribers are kept; nil keeps them in memory only.
    /// - Throws: ``RegistryError/unavailable(_:)`` when that cannot be read.
    package init(lasting: LastingKeys? = nil) throws(RegistryError) {
        self.lasting = lasting
        for (key, text) in try lasting?.load() ?? [:] {
            version += 1
            values[key] = RegistryEntry(value: Array(text.utf8), version: version)
        }
    }

    package func register(_ node: NodeRecord) throws(RegistryError) {
        if let other = nodesByName.values.first(where: { $0.id == node.id && $0.name != node.name }) {
            throw .conflict("nodes \(other.name) and \(node.name) have the same entity id \(node.id)")
        }
        var record = node
        if let known = nodesByName[node.name] { record.isDraining = known.isDraining }
        guard nodesByName[node.name] != record else { return }
        nodesByName[node.name] = record
        tellNodeWatchers()
    }

    package func deregister(node name: String) {
        guard nodesByName.removeValue(forKey: name) != nil else { return }
        tellNodeWatchers()
    }

    package func setDraining(_ draining: Bool, node name: String) throws(RegistryError) {
        guard let known = nodesByName[name] else { throw .unknownNode(name) }
        guard known.isDraining != draining else { return }
        nodesByName[name]?.isDraining = draining
        tellNodeWatchers()
    }

    package func nodes() -> [NodeRecord] { nodesByName.values.sorted { $0.name < $1.name } }

    package func nodeChanges() -> AsyncStream<[NodeRecord]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [NodeRecord].self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        nodeWatchers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forgetNodeWatcher(id) } }
        continuation.yield(nodes())
        return stream
    }

    package func entry(_ key: String) -> RegistryEntry? { values[key] }

    package func set(_ value: [UInt8], for key: String) throws(RegistryError) { try write(value, for: key) }

    package func compareAndSet(_ value: [UInt8], for key: String, expected: UInt64?) throws(RegistryError) -> Bool {
        guard values[key]?.version == expected else { return false }
        try write(value, for: key)
        return true
    }

    package func remove(_ key: String) throws(RegistryError) { try write(nil, for: key) }

    package func entries(under prefix: String) -> [String: RegistryEntry] { values.filter { $0.key.hasPrefix(prefix) } }

    package func changes(under prefix: String) -> AsyncStream<[String: RegistryEntry]> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [String: RegistryEntry].self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let id = UUID()
        keyWatchers[id] = (prefix, continuation)
        continuation.onTermination = { [weak self] _ in Task { await self?.forgetKeyWatcher(id) } }
        continuation.yield(entries(under: prefix))
        return stream
    }

    package func announce(_ value: [UInt8], for key: String) throws(RegistryError) { try write(value, for: key) }

    package func campaign(for key: String, as value: [UInt8]) -> AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let campaigner = Campaigner(id: UUID(), value: value, continuation: continuation)
        continuation.onTermination = { [weak self] _ in Task { await self?.resign(campaigner.id, from: key) } }
        campaigners[key, default: []].append(campaigner)
        if campaigners[key]?.count == 1 { elect(for: key) } else { continuation.yield(false) }
        return stream
    }

    /// Nobody but this process could want to know.
    package func serves(_ applications: [String], node name: String) {}

    private func resign(_ id: UUID, from key: String) {
        let wasHolder = campaigners[key]?.first?.id == id
        campaigners[key]?.removeAll { $0.id == id }
        if wasHolder { elect(for: key) }
    }

    /// The longest waiting campaigner holds the key.
    private func elect(for key: String) {
        let holder = campaigners[key]?.first
        try? write(holder?.value, for: key)
        holder?.continuation.yield(true)
    }

    /// The one place where values change: memory, file and watchers agree, or nothing changed.
    private func write(_ value: [UInt8]?, for key: String) throws(RegistryError) {
        let before = values[key]
        if let value {
            values[key] = RegistryEntry(value: value, version: version + 1)
        } else {
            guard before != nil else { return }
            values.removeValue(forKey: key)
        }
        do throws(RegistryError) {
            try persist(after: key)
        } catch {
            values[key] = before
            throw error
        }
        version += 1
        for (prefix, continuation) in keyWatchers.values where key.hasPrefix(prefix) {
            continuation.yield(entries(under: prefix))
        }
    }

    private func persist(after key: String) throws(RegistryError) {
        guard let lasting, LastingKeys.prefixes.contains(where: key.hasPrefix) else { return }
        let kept = values.filter { entry in LastingKeys.prefixes.contains(where: entry.key.hasPrefix) }
        try lasting.store(kept.mapValues(\.text))
    }

    private func tellNodeWatchers() {
        let snapshot = nodes()
        for continuation in nodeWatchers.values { continuation.yield(snapshot) }
    }

    private func forgetNodeWatcher(_ id: UUID) { nodeWatchers.removeValue(forKey: id) }
    private func forgetKeyWatcher(_ id: UUID) { keyWatchers.removeValue(forKey: id) }
}

/// One that asks for a key which only one may hold.
private struct Campaigner {
    let id: UUID
    let value: [UInt8]
    let continuation: AsyncStream<Bool>.Continuation
}
