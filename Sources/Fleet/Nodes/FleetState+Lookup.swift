import ARI
import Registry

/// Where things are.
extension FleetState {
    /// The node with this entity id or name.
    package func node(named key: String) -> NodeRecord? {
        nodes[key] ?? nodes.values.first { $0.id.lowercased() == key.lowercased() }
    }

    /// The node that holds a channel: known from events, or claimed by a request.
    package func owner(ofChannel id: String) -> String? {
        if let node = reservation(id) { return node }
        return mirrors.first { $0.value.channels[id] != nil }?.key
    }

    /// Where requests about a channel, by id or name, go.
    package func place(ofChannel id: String) -> ChannelPlace {
        if Trunk.isChannel(named: id) { return .hidden }
        for (node, mirror) in mirrors {
            guard let known = mirror.channels[id] else { continue }
            return known.leg != nil ? .hidden : nodes[node].map { .node($0) } ?? .unknown
        }
        return reservation(id).flatMap { nodes[$0] }.map { .node($0) } ?? .unknown
    }

    package func owner(ofPlayback id: String) -> String? {
        reservation(id) ?? mirrors.first { $0.value.playbacks[id] != nil }?.key
    }

    package func owner(ofRecording name: String) -> String? {
        mirrors.first { $0.value.recordings[name] != nil }?.key
    }

    /// A fleet bridge as clients know it: one that is being destroyed is gone.
    package func fleetBridge(_ id: String) -> FleetBridge? { bridges[id].flatMap { $0.isEnding ? nil : $0 } }

    /// The node that holds a bridge which is not a fleet bridge, such as one made by the dialplan.
    package func owner(ofLocalBridge id: String) -> String? {
        bridges[id] == nil ? mirrors.first { $0.value.bridges[id] != nil }?.key : nil
    }

    /// The node for new work that belongs to nothing yet. Where the registry has lost touch with all of them, one that answers.
    package func place() -> NodeRecord? {
        let channels = mirrors.mapValues(\.channels.count)
        if let node = Placement.choose(among: nodes.values, channels: channels) { return node }
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
        for (node, mirror) in mirrors { if let channel = mirror.channels[id] { return (node, channel) } }
        return nil
    }

    /// The real channels in a bridge, by node; legs are left out, channels about to enter are in.
    package func members(of bridge: String) -> [String: [String]] {
        var members: [String: [String]] = [:]
        for (node, mirror) in mirrors {
            let real = (mirror.bridges[bridge]?.channels ?? []).filter { !isLeg($0, on: mirror) }
            if !real.isEmpty { members[node] = real }
        }
        for (channel, node) in bridges[bridge]?.joining ?? [:] where members[node]?.contains(channel) != true {
            if mirrors[node]?.channels[channel] != nil { members[node, default: []].append(channel) }
        }
        return members
    }

    func isLeg(_ channel: String, on mirror: NodeMirror) -> Bool {
        mirror.channels[channel]?.leg != nil || LegID(channelID: channel) != nil
    }
}

extension FleetBridge {
    /// A node is gone, and with it its part. Its legs stay listed: the end on the other node lives on, and the plan ends it.
    mutating func forget(node: String) {
        parts.remove(node)
        joining = joining.filter { $0.value != node }
    }

    /// A channel is gone: no leg that lost an end is a leg.
    mutating func ended(channel: String) {
        joining[channel] = nil
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
