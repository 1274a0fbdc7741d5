import ARI

/// What the fleet knows of one channel.
public struct MirroredChannel: Sendable, Hashable {
    /// As the latest event described it.
    public var channel: Channel
    /// The Stasis application it is in.
    public var application: String?
    /// The bridge it is in.
    public var bridge: String?
    /// The leg it is an end of; nil for the channel of a real party.
    public var leg: LegID?

    public init(_ channel: Channel) {
        self.channel = channel
        leg = LegID(channel: channel)
    }
}
