/// What became of events that were handed to publishers.
struct PublishCounts: Sendable, Hashable {
    /// Events that wait, sent or not.
    var buffered: Int
    /// Those of them that were sent.
    var unconfirmed: Int
    /// Events lost because the buffer was full.
    var dropped: Int
    var confirmed: Int

    static func + (one: PublishCounts, other: PublishCounts) -> PublishCounts {
        PublishCounts(
            buffered: one.buffered + other.buffered,
            unconfirmed: one.unconfirmed + other.unconfirmed,
            dropped: one.dropped + other.dropped,
            confirmed: one.confirmed + other.confirmed
        )
    }
}
