import ARI

/// What an event is about, as far as it decides which worker of a group hears it.
package struct CallSubjects: Sendable, Hashable {
    /// The channels whose workers hear it. The first decides where a new call goes; one that it replaced, or that called it, comes after it.
    package var channels: [String] = []
    /// What both halves of a Local channel have in common; nil for any other channel. It is in ``channels`` too.
    package var localHalf: String?
    /// The bridge, whose worker hears what is about no channel in it.
    package var bridge: String?
    /// Whether nobody is in that bridge any more.
    package var isBridgeEmpty = false
    /// Whether it begins or ends the first channel's stay in the application.
    package var stay: Stay = .unchanged

    /// What an event does to the stay of a channel in its application.
    package enum Stay: Sendable, Hashable { case begins, ends, unchanged }

    package init(_ event: Event) {
        channels = [event.channel, event.peer, event.replacedChannel].compactMap(\.self).map(\.id)
        if let channel = event.channel ?? event.peer, channel.name.hasPrefix("Local/") {
            // Names are unique on one node only.
            let half = "\(event.asteriskID ?? "")/\(channel.name.prefix { $0 != ";" })"
            localHalf = half
            channels.append(half)
        }
        if let bridge = event.bridge {
            self.bridge = bridge.id
            // Who has a call in a bridge hears who comes and goes, as an application of its own would.
            channels += bridge.channels
            isBridgeEmpty = bridge.channels.isEmpty
        }
        switch (event.playback?.targetURI ?? event.recording?.targetURI).flatMap(MediaTarget.init) {
        case .channel(let id): channels.append(id)
        case .bridge(let id): bridge = bridge ?? id
        case nil: break
        }
        switch event.type {
        case "StasisStart": stay = .begins
        case "StasisEnd", "ChannelDestroyed": stay = .ends
        default: break
        }
    }

    /// Whether it is about no call, such as the state of an endpoint: then every worker hears it.
    package var isNone: Bool { channels.isEmpty && bridge == nil }
}
