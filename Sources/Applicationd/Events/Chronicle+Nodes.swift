import ARI

/// Nodes and snoops: what bridges and records mean to clients.
extension Chronicle {
    /// Takes in who is in a bridge now, if it is a node of the application.
    mutating func fill(_ bridge: Bridge, _ application: String) -> [Directive] {
        let chapter = self[application]
        guard bridge.name == application || chapter.nodes[bridge.id] != nil else { return [] }
        var node = CallNode(bridge)
        // What a list or an event shows of a channel that has ended since is not news.
        node.calls.removeAll { chapter.calls[$0.id] == nil }
        guard let before = chapter.nodes[bridge.id] else {
            guard chapter.endedNodes[bridge.id] == nil else { return [] }
            return createNode(bridge.id, application) + (node.calls.isEmpty ? [] : fill(bridge, application))
        }
        guard Set(before.calls) != Set(node.calls) else { return [] }
        self[application].nodes[bridge.id] = node
        return [.announce(.nodeUpdated(node, in: application))] + move(from: before, to: node, application)
            + (node.calls.isEmpty ? [.endNode(node.uuid)] : [])
    }

    mutating func createNode(_ id: String, _ application: String) -> [Directive] {
        guard self[application].nodes[id] == nil else { return [] }
        let node = CallNode(uuid: id)
        self[application].nodes[id] = node
        return [.announce(.nodeCreated(node, in: application))]
    }

    mutating func endNode(_ id: String, _ application: String) -> [Directive] {
        guard let node = self[application].nodes.removeValue(forKey: id) else { return [] }
        self[application].endedNodes[id] = self[application].recordedNodes[id] ?? ""
        let empty = CallNode(uuid: id)
        return move(from: node, to: empty, application) + [.announce(.nodeDeleted(empty, in: application))]
    }

    /// The nodes that exist and when they were made, as the registry records them. The snapshot may be older than an event that
    /// has been taken in, never older than the snapshot before.
    mutating func follow(nodes recorded: [String: String], of application: String) -> [Directive] {
        let before = self[application].recordedNodes
        self[application].recordedNodes = recorded
        self[application].endedNodes = self[application].endedNodes.filter { id, made in
            recorded[id] == made || (made.isEmpty && recorded[id] != nil)
        }
        let chapter = self[application]
        let gone = chapter.nodes.keys.filter { recorded[$0] == nil && before[$0] != nil }.sorted()
        let new = recorded.keys.filter { chapter.nodes[$0] == nil && chapter.endedNodes[$0] == nil }.sorted()
        var directives: [Directive] = []
        for id in gone { directives += endNode(id, application) }
        for id in gone { self[application].endedNodes[id] = nil }
        for id in new { directives += createNode(id, application) }
        return directives
    }

    /// The snoops that exist, as the registry records them.
    mutating func follow(snoops recorded: [String: SnoopRecord], of application: String) -> [Directive] {
        let known = self[application].snoops.mapValues(\.snoop)
        self[application].snoops = recorded
        let deleted = known.keys.filter { recorded[$0] == nil }.sorted().compactMap { known[$0] }
        let changed = recorded.values.map(\.snoop).filter { known[$0.uuid] != $0 }.sorted { $0.uuid < $1.uuid }
        return deleted.map { .announce(.snoop($0, "deleted", in: application)) }
            + changed.map {
                .announce(.snoop($0, known[$0.uuid] == nil ? "created" : "updated", in: application))
            }
    }

    private mutating func move(from before: CallNode, to after: CallNode, _ application: String) -> [Directive] {
        var directives: [Directive] = []
        for member in before.calls where !after.calls.contains(member) {
            guard self[application].calls[member.id]?.nodeUUID == before.uuid else { continue }
            self[application].calls[member.id]?.nodeUUID = nil
            directives += announce(member.id, application) { .callUpdated($0, in: application) }
        }
        for member in after.calls where !before.calls.contains(member) {
            self[application].calls[member.id]?.nodeUUID = after.uuid
            directives += announce(member.id, application) { .callUpdated($0, in: application) }
        }
        return directives
    }
}
