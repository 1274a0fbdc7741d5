import ARI

/// The phones' channels that ended last, as they were: that another channel takes the place of one may be heard later than its end, for
/// the two come from different nodes.
struct EndedChannels: Sendable {
    private static let most = 256

    private var channels: [String: Channel] = [:]
    /// Their ids, the oldest at ``oldest`` once there are as many as may be.
    private var order: [String] = []
    private var oldest = 0

    subscript(id: String) -> Channel? { channels[id] }

    mutating func add(_ channel: Channel) {
        guard channels.updateValue(channel, forKey: channel.id) == nil else { return }
        guard order.count == Self.most else { return order.append(channel.id) }
        channels[order[oldest]] = nil
        order[oldest] = channel.id
        oldest = (oldest + 1) % Self.most
    }
}
