import ARI
import Registry

/// Where things are.
extension FleetState {
    /// The node with this entity id or name.
    package func node(named key: String) -> NodeRecord? {
        nodes[key] ?? namesByID[key.lowercased()].flatMap { nodes[$0] }
    }

    /// The node that holds a channel: known from events, or claimed by a request.
    package func owner(ofChannel id: String) -> String? {
        reservation(id) ?? whereabouts.channels[id]
    }

    /// Whether two channels are known to be on one node.
    package func areTogether(_ channel: String, _ other: String) -> Bool {
        owner(ofChannel: channel).map { $0 == owner(ofChannel: other) } ?? false
    }

    /// Where requests about a channel, by id or name, go.
    package func place(ofChannel id: String) -> ChannelPlace {
        if Trunk.isChannel(named: id) { return .hidden }
        if let (node, isLeg) = whereabouts.channels[id].map({ ($0, mirrors[$0]?.legs.contains(id) == true) }) {
            return isLeg ? .hidden : nodes[node].map { .node($0) } ?? .unknown
        }
        return reservation(id).flatMap { nodes[$0] }.map { .node($0) } ?? .unknown
    }

    package func owner(ofPlayback id: String) -> String? {
        reservation(id) ?? whereabouts.playbacks[id]
    }

    package func owner(ofRecording name: String) -> String? { whereabouts.recordings[name] }

    /// A fleet bridge as clients know it: one that is being destroyed is gone.
    package func fleetBridge(_ id: String) -> FleetBridge? { bridges[id].flatMap { $0.isEnding ? nil : $0 } }

    /// The node that holds a bridge which is not a fleet bridge, such as one made by the dialplan.
    package func owner(ofLocalBridge id: String) -> String? {
        bridges[id] == nil ? whereabouts.bridges[id]?.min() : nil
    }

    /// The node for new work that belongs to nothing yet. Where the registry has lost touch with all of them, one that answers.
    package func place() -> NodeRecord? {
        if let node = placements.first.flatMap({ nodes[$0] }) { return node }
        let channels = mirrors.mapValues(\.channels.count)
        let suspects = nodes.values.filter { $0.health == .suspect && mirrors[$0.name] != nil }
        return Placement.choose(
            among: suspects.map { node in
                var trusted = node
                trusted.health = .passing
                return trusted
            },
            channels: channels
        ).flatMap { nodes[$0.name] }
    }

    /// A node for a question that any can answer: draining ones can.
    package func anyAlive() -> NodeRecord? { place() ?? alive.sorted().first.flatMap { nodes[$0] } }

    package func channel(_ id: String) -> (node: String, channel: MirroredChannel)? {
        guard let node = whereabouts.channels[id], let channel = mirrors[node]?.channels[id] else { return nil }
        return (node, channel)
    }

    /// The real channels in a bridge, by node; legs are left out, channels about to enter are in, also those of which no event has told yet.
    package func members(of bridge: String) -> [String: [String]] {
        var members: [String: [String]] = [:]
        for node in whereabouts.bridges[bridge] ?? [] {
            guard let mirror = mirrors[node] else { continue }
            let real = (mirror.bridges[bridge]?.channels ?? []).filter { !isLeg($0, on: mirror) }
            if !real.isEmpty { members[node] = real }
        }
        let coming = (bridges[bridge]?.joining ?? [:]).merging(absent(from: bridge)) { first, _ in first }
        for (channel, node) in coming where members[node]?.contains(channel) != true {
            if mirrors[node] != nil { members[node, default: []].append(channel) }
        }
        return members
    }

    /// The channels that have left a bridge only so that their phones can be asked to call again: channel -> node.
    func absent(from bridge: String) -> [String: String] {
        moves.absent(from: bridge).filter { channel, node in mirrors[node]?.channels[channel] != nil }
    }

    func isLeg(_ channel: String, on mirror: NodeMirror) -> Bool {
        mirror.legs.contains(channel) || LegID(channelID: channel) != nil
    }
}

extension FleetBridge {
    /// A node is gone, and with it its part. Its legs stay listed: the end on the other node lives on, and the plan ends it, also
    /// when the node is back already.
    mutating func forget(node: String) {
        parts.remove(node)
        for index in legs.indices where legs[index].node == node || legs[index].home == node {
            legs[index].isBroken = true
        }
        joining = joining.filter { $0.value != node }
        if videoNode == node { videoNode = nil }
        if record.home == node { playing = [] }
    }

    /// A channel has left it: a leg that has an end outside ties nothing.
    mutating func left(channel: String) {
        options[channel] = nil
        for index in legs.indices where [legs[index].nearChannel, legs[index].farChannel].contains(channel) {
            legs[index].isBroken = true
        }
    }

    /// A channel is gone: no leg that lost an end is a leg.
    mutating func ended(channel: String) {
        joining[channel] = nil
        options[channel] = nil
        legs.removeAll { $0.nearChannel == channel }
        for index in legs.indices where legs[index].farChannel == channel { legs[index].isBroken = true }
    }
}

/// Where requests about a channel go.
package enum ChannelPlace: Sendable, Hashable {
    case node(NodeRecord)
    /// Nowhere: it is an end of a leg, which clients do not see.
    case hidden
    /// No event has told of it.
    case unknown
}
