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

    /// The sequence number of the latest event about it.
    public var touched: UInt64

    public init(_ channel: Channel, touched: UInt64 = 0) {
        self.channel = channel
        self.touched = touched
        leg = LegID(channel: channel)
    }
}
