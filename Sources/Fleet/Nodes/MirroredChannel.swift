import ARI

/// What the fleet knows of one channel.
package struct MirroredChannel: Sendable, Hashable {
    /// As the latest event described it.
    package var channel: Channel
    /// The Stasis application it is in.
    package var application: String?
    /// The bridge it is in.
    package var bridge: String?
    /// The leg it is an end of; nil for the channel of a real party.
    package var leg: LegID?

    /// The sequence number of the latest event about it.
    package var touched: UInt64

    package init(_ channel: Channel, touched: UInt64 = 0) {
        self.channel = channel
        self.touched = touched
        leg = LegID(channel: channel)
    }
}
