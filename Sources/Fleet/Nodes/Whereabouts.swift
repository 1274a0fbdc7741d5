/// On which node things are, kept beside the mirrors: finding one takes one step, however many nodes there are.
///
/// What two nodes show under one id, which only bridges should, is where it was seen last.
struct Whereabouts: Sendable {
    private(set) var channels: [String: String] = [:]
    private(set) var playbacks: [String: String] = [:]
    private(set) var recordings: [String: String] = [:]
    /// The nodes that show a part of a bridge.
    private(set) var bridges: [String: Set<String>] = [:]

    /// Takes over what a mirror says of one thing of each kind.
    mutating func note(
        _ mirror: NodeMirror?,
        of node: String,
        channel: String?,
        bridge: String?,
        playback: String?,
        recording: String?
    ) {
        if let channel { Self.set(channel, mirror?.channels[channel] != nil, node, &channels) }
        if let playback { Self.set(playback, mirror?.playbacks[playback] != nil, node, &playbacks) }
        if let recording { Self.set(recording, mirror?.recordings[recording] != nil, node, &recordings) }
        if let bridge { set(bridge: bridge, mirror?.bridges[bridge] != nil, node) }
    }

    /// A node's mirror has changed as a whole, or gone.
    mutating func replace(_ former: NodeMirror?, by mirror: NodeMirror?, of node: String) {
        let channels = former.map { Array($0.channels.keys) } ?? []
        for id in channels where mirror?.channels[id] == nil { Self.set(id, false, node, &self.channels) }
        for id in mirror?.channels.keys ?? [:].keys { Self.set(id, true, node, &self.channels) }
        for id in former?.playbacks.keys ?? [:].keys where mirror?.playbacks[id] == nil {
            Self.set(id, false, node, &playbacks)
        }
        for id in former?.recordings.keys ?? [:].keys where mirror?.recordings[id] == nil {
            Self.set(id, false, node, &recordings)
        }
        for id in former?.bridges.keys ?? [:].keys where mirror?.bridges[id] == nil { set(bridge: id, false, node) }
        for id in mirror?.bridges.keys ?? [:].keys { set(bridge: id, true, node) }
    }

    private mutating func set(bridge: String, _ isThere: Bool, _ node: String) {
        if isThere {
            bridges[bridge, default: []].insert(node)
        } else if bridges[bridge]?.remove(node) != nil, bridges[bridge]?.isEmpty == true {
            bridges[bridge] = nil
        }
    }

    private static func set(_ id: String, _ isThere: Bool, _ node: String, _ places: inout [String: String]) {
        if isThere {
            if places[id] != node { places[id] = node }
        } else if places[id] == node {
            places[id] = nil
        }
    }
}
