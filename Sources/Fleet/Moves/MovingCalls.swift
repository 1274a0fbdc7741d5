import ARI

/// The calls that move, as the events of all nodes tell of them.
struct MovingCalls: Sendable {
    /// What is known of one.
    private struct Moving: Sendable, Hashable {
        /// The former channel as it was when the new one came: it may end before the new one enters the application.
        var former: Channel
        /// Where the new channel is.
        var node: String
        var hasEntered = false
    }

    /// A channel whose phone is asked to call again, as it was then.
    private struct Asked: Sendable, Hashable {
        var channel: Channel
        /// Where it is.
        var node: String
        /// The bridge that it leaves and comes back to.
        var bridge: String?
        /// Which asking it is: a phone may be asked more than once.
        var asking: String
        /// The applications whose copies of the leaving, and of the coming back, have been seen.
        var left: Set<String> = []
        var back: Set<String> = []
    }

    /// With these an application hears that a channel goes.
    private static let ends: Set<String> = [
        "ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed",
    ]

    /// Former channel -> what takes its place.
    private var moving: [String: Moving] = [:]
    /// Channels whose phones are asked to call again.
    private var asked: [String: Asked] = [:]
    private var ended = EndedChannels()
    /// Token -> the call that a phone was asked to make, and the channel with which it came.
    var expected: [String: (referral: Referral, channel: String?)] = [:]

    /// Takes in an event about a channel that replaces another.
    /// - Parameter known: the former channel, if it is still there.
    mutating func note(_ type: String, of former: String, on node: String, known: Channel?) {
        guard type != "ChannelDestroyed" else { return moving[former] = nil }
        if moving[former] == nil, let known = known ?? asked[former]?.channel ?? ended[former] {
            begin(known, on: node)
        }
        if type == "StasisStart" { moving[former]?.hasEntered = true }
    }

    /// A channel will have another in its place.
    /// - Parameter node: where that one will be.
    mutating func begin(_ former: Channel, on node: String) {
        moving[former.id] = Moving(former: former, node: node)
    }

    /// Nothing will take the place of a channel.
    mutating func abandon(_ former: String) { moving[former] = nil }

    /// A channel has ended.
    mutating func end(_ channel: Channel) {
        settle(channel.id)
        if channel.name.hasPrefix(CallMove.phones) { ended.add(channel) }
    }

    /// The phone of a channel is asked to call again.
    mutating func ask(_ channel: Channel, on node: String, in bridge: String?, asking: String) {
        asked[channel.id] = Asked(channel: channel, node: node, bridge: bridge, asking: asking)
    }

    /// A channel is back in its bridge, or gone.
    mutating func settle(_ channel: String) { asked[channel]?.bridge = nil }

    /// The channels that are in a bridge, though they may have left it so that their phones can be asked: channel -> node.
    func absent(from bridge: String) -> [String: String] {
        guard !asked.isEmpty else { return [:] }
        return asked.filter { $0.value.bridge == bridge }.mapValues(\.node)
    }

    /// The phone of a channel is no longer asked.
    /// - Parameter asking: nothing happens if that is over already; nil for whichever it is.
    mutating func withdraw(_ channel: String, _ asking: String? = nil) {
        if asking == nil || asked[channel]?.asking == asking { asked[channel] = nil }
    }

    func isAsked(_ channel: String) -> Bool { asked[channel] != nil }

    /// A node is gone, and the channels there with it.
    mutating func forget(node: String) {
        moving = moving.filter { $0.value.node != node }
        asked = asked.filter { $0.value.node != node }
    }

    /// The channel that a new one replaces.
    func former(_ id: String) -> Channel? { moving[id]?.former }

    /// When an application is to hear of an event. Each application has its own copies, in their order; those of different applications
    /// and nodes come in any.
    mutating func timing(of event: Event) -> EventTiming {
        guard !moving.isEmpty || !asked.isEmpty, let id = event.channel?.id, let application = event.application else {
            return .now
        }
        if event.type == "ChannelEnteredBridge", asked[id]?.back.insert(application).inserted == true { return .never }
        guard Self.ends.contains(event.type) else { return .now }
        if event.type == "ChannelLeftBridge", asked[id]?.back.contains(application) == false,
            asked[id]?.left.insert(application).inserted == true
        {
            return .unlessItComesBack
        }
        let isGoing = moving[id].map { !$0.hasEntered } ?? (asked[id] != nil)
        return isGoing ? .whenMoved : .afterOthers
    }
}

/// When an application is told of an event of a call that moves.
package enum EventTiming: Sendable, Hashable {
    case now
    /// It says that a channel goes whose call goes on elsewhere, or is about to: told before the new channel has entered, it would look like
    /// the end of the call.
    case whenMoved
    /// It says that a channel goes whose call has gone on: after what else says so.
    case afterOthers
    /// It says that a channel leaves its bridge, which it may do only so that its phone can be asked to call again.
    case unlessItComesBack
    /// It says that such a channel is back.
    case never
}
