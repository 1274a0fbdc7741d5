import ARI
import Fleet

/// One Asterisk of a ``RacingFleet``: what it truly holds.
struct RacingNode {
    let incarnation: String
    private(set) var sequence: UInt64 = 0
    private(set) var channels: [String: Channel] = [:]
    /// The channels in its part of the bridge; nil while it has no part.
    private(set) var part: [String]?
    /// What it has said since this was last emptied.
    var said: [(sequence: UInt64, event: Event)] = []

    init(incarnation: String) { self.incarnation = incarnation }

    var bridges: [Bridge] { part.map { [.made(RacingFleet.room, $0)] } ?? [] }

    mutating func begin(_ channel: Channel) {
        channels[channel.id] = channel
        say("ChannelCreated", channel)
    }

    mutating func makePart() {
        guard part == nil else { return }
        part = []
        say("BridgeCreated", nil)
    }

    /// - Returns: false when the channel or the part is not there.
    mutating func enter(_ id: String) -> Bool {
        guard let channel = channels[id], let inside = part else { return false }
        guard !inside.contains(id) else { return true }
        part?.append(id)
        say("ChannelEnteredBridge", channel)
        return true
    }

    mutating func leave(_ id: String) {
        guard let channel = channels[id], let index = part?.firstIndex(of: id) else { return }
        part?.remove(at: index)
        say("ChannelLeftBridge", channel)
    }

    mutating func hangUp(_ id: String) {
        leave(id)
        guard let channel = channels.removeValue(forKey: id) else { return }
        say("ChannelDestroyed", channel)
    }

    mutating func destroyPart() {
        for channel in part ?? [] { leave(channel) }
        guard part != nil else { return }
        say("BridgeDestroyed", nil)
        part = nil
    }

    private mutating func say(_ type: String, _ channel: Channel?) {
        sequence += 1
        let isAboutBridge = type.contains("Bridge")
        let bridge = isAboutBridge ? Bridge.made(RacingFleet.room, part ?? []) : nil
        said.append((sequence, .made(type, channel: channel, bridge: bridge)))
    }
}

/// A leg as it truly is: both of its channels, wherever they are.
struct TrueLeg: Hashable {
    var id: LegID
    var near: String
    var far: String
}
