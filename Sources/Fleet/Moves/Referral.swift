import ARI
import Foundation

/// What a phone is asked to call so that its call goes on on another node (REFER, RFC 3515): an address that the edge routes to exactly
/// that node, and that only the phone knows.
package struct Referral: Sendable, Hashable {
    /// The first argument with which such a call enters Stasis; the second is ``token``.
    package static let argument = "moved"
    /// The variable of a channel whose phone is asked: empty when it no longer is.
    package static let variable = "ASTERISM_ASKED"

    /// 32 hexadecimal digits that nobody can guess.
    package let token: String
    /// The subscriber whose phone is asked; nobody else may come by this token.
    package let user: String
    /// Where the call goes, by name.
    package let node: String

    /// - Parameter token: 32 hexadecimal digits, by default random ones of a cryptographic generator.
    package init(
        of user: String,
        to node: String,
        token: String = UUID().uuidString.lowercased().replacing("-", with: "")
    ) {
        self.token = token
        self.user = user
        self.node = node
    }

    /// The number that the phone calls; the edge's script and the dialplan take it apart.
    package var number: String { "move-\(token)-\(node)" }

    /// What the node is told to say; where the phone reaches the edge, the edge itself puts in.
    package var address: String { "sip:\(number)@asterism.invalid" }

    func admits(_ channel: Channel, on node: String) -> Bool { node == self.node && channel.caller.number == user }
}

/// The calls that phones were asked to make. Known only where moves are made.
extension FleetState {
    /// Lets the call of a phone in, once.
    package mutating func expect(_ referral: Referral) { moves.expected[referral.token] = (referral, nil) }

    /// Lets nobody in any more.
    /// - Returns: the channel that came.
    @discardableResult package mutating func forget(_ referral: Referral) -> String? {
        moves.expected.removeValue(forKey: referral.token)?.channel
    }

    /// A call has come that was asked for, or says so.
    /// - Returns: whether it may come in: its token is known, it comes from that subscriber, to that node, and for the first time.
    package mutating func admit(_ channel: Channel, by token: String?, on node: String) -> Bool {
        guard let token, let (referral, former) = moves.expected[token], former == nil || former == channel.id,
            referral.admits(channel, on: node)
        else { return false }
        moves.expected[token] = (referral, channel.id)
        return true
    }

    /// The channel with which a phone has called as it was asked to.
    package func admitted(_ referral: Referral) -> String? { moves.expected[referral.token]?.channel }

    /// Whether the phone of a channel is asked to call again, as the channel's node has told.
    package func isAsked(_ channel: String) -> Bool { moves.isAsked(channel) }

    /// The phone of a channel is no longer asked, though its node has not told so.
    /// - Parameter asking: the one that is over; nil for whichever it is.
    package mutating func withdraw(_ channel: String, _ asking: String? = nil) { moves.withdraw(channel, asking) }
}

extension Event {
    /// For its node's own event of ``Referral/variable``: which asking of a channel's phone begins; empty when one is over.
    package var asking: String? {
        guard type == "ChannelVarset", variable == Referral.variable, application == NodeMirror.observer else {
            return nil
        }
        return value ?? ""
    }
}
