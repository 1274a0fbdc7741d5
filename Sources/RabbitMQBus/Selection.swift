import EventBus

/// What a subscription takes of what its bindings let through: what matches its patterns, each event once and in order.
///
/// After a reconnect brokers deliver again what was not acknowledged, and publishers publish again what was not confirmed. An event
/// that is not newer than the newest of its node is therefore left out. One that came too late for its place is left out as well:
/// the gap it left was already seen.
package struct Selection {
    private struct Run: Hashable {
        var node: String
        var incarnation: String
    }

    /// The newest event of a run, and the topics it came under.
    private struct Mark {
        var sequence: UInt64
        var topics: Set<String>
        var touched: Int
    }

    private static let remembered = 1024

    private let exact: [TopicPattern]
    private let lowered: [TopicPattern]
    private var marks: [Run: Mark] = [:]
    private var clock = 0

    package init(patterns: [String]) {
        exact = patterns.map(TopicPattern.init)
        lowered = patterns.map { TopicPattern($0.lowercased()) }
    }

    /// Whether the subscriber gets the event.
    package mutating func takes(_ event: BusEvent) -> Bool {
        // Foreign events have their topic from the routing key, which is lower-cased.
        let patterns = event.node.isEmpty ? exact + lowered : exact
        guard patterns.contains(where: { $0.matches(event.topic) }) else { return false }
        guard event.sequence != 0 else { return true }
        let run = Run(node: event.node, incarnation: event.incarnation)
        clock += 1
        guard let mark = marks[run], event.sequence <= mark.sequence else {
            marks[run] = Mark(sequence: event.sequence, topics: [event.topic], touched: clock)
            if marks.count > Self.remembered { forgetOldest() }
            return true
        }
        // The same event may be published under several topics.
        guard event.sequence == mark.sequence else { return false }
        return marks[run]?.topics.insert(event.topic).inserted ?? false
    }

    private mutating func forgetOldest() {
        guard let oldest = marks.min(by: { $0.value.touched < $1.value.touched })?.key else { return }
        marks.removeValue(forKey: oldest)
    }
}
