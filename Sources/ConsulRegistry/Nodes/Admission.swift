import Registry

/// Whether a node may be written to the registry: names and entity ids are unique, but a record whose node is dead gives way.
struct Admission: Sendable, Hashable {
    enum Verdict: Sendable, Hashable {
        /// It may; `displaced` are records that go, `isNew` says that who is there changes.
        case admitted(isNew: Bool, displaced: [String])
        /// Another node that is well holds its name or id.
        case conflict(String)
    }

    var folder: NodeFolder
    /// Ids of the nodes whose checks are well.
    var passing: Set<String>
    /// Names that this very process has registered.
    var own: Set<String>

    /// Judges a registration.
    func verdict(on node: NodeRecord) -> Verdict {
        var displaced: [String] = []
        var isNew = folder.entries[node.name] == nil
        if let known = folder.entries[node.name]?.record, !own.contains(node.name) {
            let isSame = known.id == node.id && known.ari == node.ari
            if !isSame, passing.contains(known.id) {
                return .conflict(
                    "a node called \(node.name) is there already (entity id \(known.id), ARI at \(known.ari)) and well; "
                        + "give this one another name"
                )
            }
            isNew = isNew || known.id != node.id
        }
        for other in folder.entries.values.map(\.record) where other.id == node.id && other.name != node.name {
            guard !passing.contains(other.id), !own.contains(other.name) else {
                return .conflict("nodes \(other.name) and \(node.name) have the same entity id \(node.id)")
            }
            displaced.append(other.name)
        }
        return .admitted(isNew: isNew || !displaced.isEmpty, displaced: displaced.sorted())
    }
}
