import ARI

/// Where a user event is said, and about what. One Asterisk shows of each kind of source the last that was named, and so the node of the
/// last channel says it; a bridge that this node has no part of is carried along.
package struct UserEventRoute: Sendable, Hashable {
    /// Which node; nil for any.
    package var node: String?
    /// What that node is asked to tell about.
    package var sources: [String]
    /// What it cannot tell about by itself.
    package var bridge: Bridge?

    package init(node: String? = nil, sources: [String], bridge: Bridge? = nil) {
        self.node = node
        self.sources = sources
        self.bridge = bridge
    }
}

extension FleetState {
    /// - Parameters:
    ///   - sources: as the client named them: `channel:ID`, `bridge:ID`, `endpoint:TECH/NAME`.
    ///   - found: channel -> node, of channels that had to be asked for.
    package func route(ofUserEventAbout sources: [String], found: [String: String] = [:]) -> UserEventRoute {
        var last: [String: (source: String, id: String)] = [:]
        var common: Set<String>?
        for source in sources {
            let parts = source.split(separator: ":", maxSplits: 1).map(String.init)
            let (kind, id) = (parts.first ?? "", parts.count > 1 ? parts[1] : "")
            last[kind] = (source, id)
            if kind == "endpoint" { continue }
            // What is wrong with it, any node says in Asterisk's words.
            guard let nodes = nodes(ofKind: kind, id, found) else { return UserEventRoute(sources: [source]) }
            common = common?.intersection(nodes) ?? nodes
        }
        guard let common else { return UserEventRoute(sources: sources) }
        let home = last["bridge"].flatMap { bridges[$0.id]?.record.home }
        if let node = home.flatMap({ common.contains($0) ? $0 : nil }) ?? common.min() {
            return UserEventRoute(node: node, sources: sources)
        }
        let node = last["channel"].flatMap { owner(ofChannel: $0.id) ?? found[$0.id] } ?? home
        var told = ["channel", "endpoint"].compactMap { last[$0]?.source }
        guard let (source, id) = last["bridge"] else { return UserEventRoute(node: node, sources: told) }
        if let node, nodes(ofKind: "bridge", id, found)?.contains(node) == true {
            told.append(source)
            return UserEventRoute(node: node, sources: told)
        }
        let shown = bridges[id].map(view(of:)) ?? owner(ofLocalBridge: id).flatMap { mirrors[$0]?.bridges[id] }
        return UserEventRoute(node: node, sources: told, bridge: shown)
    }

    /// The nodes that can tell about a thing by themselves; nil when there is no such thing.
    private func nodes(ofKind kind: String, _ id: String, _ found: [String: String]) -> Set<String>? {
        switch kind {
        case "channel": (owner(ofChannel: id) ?? found[id]).map { [$0] }
        case "bridge" where fleetBridge(id) != nil: (whereabouts.bridges[id] ?? []).intersection(alive)
        case "bridge": owner(ofLocalBridge: id).map { [$0] }
        default: nil
        }
    }
}
