import ARI
import Foundation

/// The link from another node's local bridge to the home of a fleet bridge: one SIP call between the two nodes.
package struct Leg: Sendable, Hashable {
    /// What the near node dials and the far node sees as the dialled number.
    package var id: LegID
    /// The node that dialled: it holds members, and the far end of the leg is at the home.
    package var node: String
    /// The home when the leg was dialled.
    package var home: String
    /// The channel on ``home``; nil until the call has arrived there.
    package var farChannel: String?
    /// Whether the far end is gone while the near end lives.
    package var isBroken = false

    package init(id: LegID, node: String, home: String, farChannel: String? = nil) {
        self.id = id
        self.node = node
        self.home = home
        self.farChannel = farChannel
    }

    /// The channel on ``node``.
    package var nearChannel: String { id.channel(on: node) }
}

/// Names a leg so that any gateway recognises both of its channels, also after a restart.
package struct LegID: Sendable, Hashable, CustomStringConvertible {
    /// The dialplan context in which legs arrive.
    package static let context = "asterism-trunk"
    /// The first argument with which the far end of a leg enters Stasis.
    package static let argument = "leg"
    /// The variable of the near end that names the bridge.
    package static let variable = "ASTERISM_LEG"
    private static let prefix = "leg-"

    /// `leg-` and a word; matches the dialplan pattern `_leg-.`.
    package let description: String

    /// - Parameters:
    ///   - word: unique in the fleet.
    ///   - flow: which way sound goes.
    package init(word: String, flow: LegFlow = .both) { description = Self.prefix + flow.rawValue + word }

    /// Reads the id from a dialled number.
    package init?(extension number: String) {
        guard number.hasPrefix(Self.prefix) else { return nil }
        description = number
    }

    /// Whether a gateway made it: its word is a UUID. A client may choose a channel id that merely looks like an end of a leg.
    package var isMinted: Bool {
        UUID(uuidString: String(description.dropFirst(Self.prefix.count + flow.rawValue.count))) != nil
    }

    /// Which way sound goes through it.
    package var flow: LegFlow {
        let rest = description.dropFirst(Self.prefix.count)
        return [LegFlow.outward, .inward].first { rest.hasPrefix($0.rawValue) } ?? .both
    }

    /// The id of the dialling side's channel.
    package func channel(on node: String) -> String { "\(node)-\(description)" }
}

extension LegID {
    /// The leg that a channel is an end of, if it is one: the near end by its id, the far end by where it came in.
    package init?(channel: Channel) {
        // The near end is in that context too, at the extension `s`.
        if channel.dialplan.context == Self.context, let arrived = LegID(extension: channel.dialplan.exten) {
            self = arrived
        } else {
            self.init(channelID: channel.id)
        }
    }

    /// The leg whose near end has this channel id.
    package init?(channelID: String) {
        // Asked of every event's channel: without Foundation, whose search costs as much as all else that is done with one.
        let word = ("-" + Self.prefix).utf8
        var rest = channelID.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "-")) {
            rest = rest[start...]
            guard !rest.starts(with: word) else {
                description = String(Substring(rest.dropFirst()))
                return
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}
