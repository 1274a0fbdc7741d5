/// Decides when a node that is to go may be stopped; a value, so that the rule can be tested without a node or a clock.
package struct DrainWait: Sendable {
    /// What is known of a node's calls.
    package enum Occupancy: Sendable, Hashable {
        /// The node has left the registry.
        case gone
        /// It holds so many channels.
        case channels(Int)
        /// The registry or the node does not answer now.
        case unknown
    }

    /// A call that was on its way when draining began may still arrive.
    private static let emptyFor = Duration.seconds(1)
    /// Longer than the registry or a node is away while calls go on.
    private static let unknownFor = Duration.seconds(300)

    /// Whether the registry says that the node drains: until then new calls come to it.
    package var isMarked = false
    private var emptySince: ContinuousClock.Instant?
    private var unknownSince: ContinuousClock.Instant?

    package init() {}

    /// Takes in what is known at a time.
    /// - Returns: whether the node may be stopped: its last call is over, or nothing was heard of it for too long.
    package mutating func mayStop(_ occupancy: Occupancy, at now: ContinuousClock.Instant) -> Bool {
        let isEmpty = occupancy == .gone || (isMarked && occupancy == .channels(0))
        emptySince = isEmpty ? emptySince ?? now : nil
        unknownSince = occupancy == .unknown ? unknownSince ?? now : nil
        if let emptySince, now - emptySince > Self.emptyFor { return true }
        if let unknownSince, now - unknownSince > Self.unknownFor { return true }
        return false
    }
}
