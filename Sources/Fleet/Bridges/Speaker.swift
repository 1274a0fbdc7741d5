/// What may speak to all who are in a holding bridge beside what is played there. As in one Asterisk one speaks at a time, the first
/// that came; a second one is put out by its node.
package enum Speaker: Sendable, Hashable, Codable, RawRepresentable {
    /// The role of a channel that all others hear.
    package static let role = "announcer"

    /// Music on hold of this class, at the home. An empty class is the default one.
    case music(String)
    /// A channel with that role.
    case channel(String)

    package init?(rawValue: String) {
        let parts = rawValue.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count) {
        case ("music", 2): self = .music(parts[1])
        case ("channel", 2): self = .channel(parts[1])
        default: return nil
        }
    }

    package var rawValue: String {
        switch self {
        case .music(let name): "music:\(name)"
        case .channel(let id): "channel:\(id)"
        }
    }
}

extension FleetBridge.Record {
    /// The music that is asked for, whether it is heard or waits for its turn.
    package var music: String? {
        for case .music(let name) in speakers ?? [] { return name }
        return nil
    }

    /// Notes that music is wanted, which keeps its turn when it is another; or none.
    package mutating func note(music name: String?) {
        var all = speakers ?? []
        let index = all.firstIndex { if case .music = $0 { true } else { false } }
        switch (name, index) {
        case (let name?, let index?): all[index] = .music(name)
        case (let name?, nil): all.append(.music(name))
        case (nil, let index?): all.remove(at: index)
        case (nil, nil): break
        }
        speakers = all.isEmpty ? nil : all
    }

    /// Notes in which role channels have come. Who left is forgotten.
    /// - Parameter present: the channels that are in the bridge.
    package mutating func note(_ channels: [String], in role: String?, present: Set<String>) {
        var all = (speakers ?? []).filter { speaker in
            guard case .channel(let id) = speaker else { return true }
            return present.contains(id) && !channels.contains(id)
        }
        if role == Speaker.role { all += channels.map { .channel($0) } }
        speakers = all.isEmpty ? nil : all
    }
}

extension FleetState {
    /// The node whose sound all who are in a holding bridge are to hear; nil while nothing speaks, and in a bridge that mixes.
    package func speakingNode(of bridge: FleetBridge) -> String? {
        guard !bridge.isMixing, let home = bridge.record.home else { return nil }
        let members = members(of: bridge.id)
        var nodes = isPlaying(bridge) ? [home] : []
        for speaker in bridge.record.speakers ?? [] {
            switch speaker {
            case .music: nodes.append(home)
            case .channel(let id): nodes += members.filter { $0.value.contains(id) }.keys
            }
        }
        if let heard = bridge.heard, nodes.contains(heard) { return heard }
        return nodes.first
    }
}
