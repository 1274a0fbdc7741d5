import ARI

/// What the fleet knows of one channel.
package struct MirroredChannel: Sendable, Hashable {
    private var packed: PackedChannel
    /// The Stasis application it is in.
    package var application: String?
    /// The bridge it is in.
    package var bridge: String?
    /// The leg it is an end of; nil for the channel of a real party.
    package private(set) var leg: LegID?
    /// The sequence number of the latest event about it.
    package var touched: UInt64
    /// Whether its technology is SIP.
    private var isSIP: Bool

    package init(_ channel: Channel, touched: UInt64 = 0) {
        packed = PackedChannel(channel)
        self.touched = touched
        leg = LegID(channel: channel)
        isSIP = channel.name.hasPrefix("PJSIP/")
    }

    /// As the latest event described it; put together anew each time.
    package var channel: Channel { packed.channel }

    /// Whether it is a call from or to the outside: no leg, and no Local or internal channel.
    var isCall: Bool { leg == nil && isSIP }

    /// Takes in how an event described it.
    mutating func update(_ channel: Channel, touched: UInt64) {
        self.touched = touched
        packed = PackedChannel(channel)
        isSIP = channel.name.hasPrefix("PJSIP/")
        // The far end of a leg is known by where it came in, which it keeps while it lives.
        leg = LegID(channel: channel) ?? leg
    }
}
