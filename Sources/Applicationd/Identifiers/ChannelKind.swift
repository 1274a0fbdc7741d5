import ARI
import Foundation

/// What a channel is to applications, as far as its id and name tell: so that a list alone says enough after events were missed.
enum ChannelKind: Sendable, Hashable {
    /// The leg of a party.
    case call
    /// A call that was placed through us.
    case originated
    /// What listens to a call for another one.
    case snoop(String)
    /// The far half of a Local channel, which is not a party.
    case localHalf

    private static let originatedPrefix = "originate-"
    private static let snoopPrefix = "snoop-"
    private static let uuidLength = 36

    init(_ channel: Channel) {
        if channel.name.hasPrefix("Local/"), channel.name.hasSuffix(";2") {
            self = .localHalf
        } else if channel.id.hasPrefix(Self.snoopPrefix) {
            self = .snoop(String(channel.id.dropFirst(Self.snoopPrefix.count).prefix(Self.uuidLength)))
        } else {
            self = channel.id.hasPrefix(Self.originatedPrefix) ? .originated : .call
        }
    }

    /// Whether applications see it as a call.
    var isCall: Bool { self == .call || self == .originated }

    /// A new id for a call that is placed.
    static func newOriginatedID() -> String { originatedPrefix + UUID().uuidString.lowercased() }
    /// A new id for a channel that listens; a snoop that is changed gets another one.
    static func newChannelID(ofSnoop snoop: String) -> String {
        "\(snoopPrefix)\(snoop)-\(String(UInt32.random(in: .min ... .max), radix: 16))"
    }
    /// Whether an id can be that of a call.
    static func isCall(id: String) -> Bool { !id.hasPrefix(snoopPrefix) && !id.hasSuffix(";2") }
}
