import EventBus
import Foundation
import Logging
import NIOCore
import Synchronization
import Telemetry

/// Numbers a node's events in the order they arrive and passes them on to the bus.
///
/// Events are taken on the links' event loops without waiting. If the bus falls behind by more than the limit, events are
/// dropped, which consumers see as a gap in the numbers.
package final class EventOutlet: Sendable {
    private struct State {
        var incarnation = ""
        var sequence: UInt64 = 0
        /// Where events are published to.
        var bus: (any EventBus)?
        /// How many wait to be published.
        var waiting = 0
    }

    private let rules: PublicationRules
    private let counter: TypeCounter?
    private let logger: Logger
    private let state = Mutex(State())
    private let events: AsyncStream<BusEvent>
    private let continuation: AsyncStream<BusEvent>.Continuation

    /// - Parameter counter: counts what is published, by type.
    package init(rules: PublicationRules, limit: Int = 65_536, counter: TypeCounter? = nil, logger: Logger) {
        self.rules = rules
        self.counter = counter
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(of: BusEvent.self, bufferingPolicy: .bufferingOldest(limit))
    }

    /// A number to count on from: larger than what an earlier agent beside the same run of Asterisk has given out, as long as
    /// there were fewer than a thousand events in a millisecond.
    /// - Parameter earlier: that agent's base; the clock may have been set back since.
    package static func base(after earlier: UInt64? = nil, now: Date = .now) -> UInt64 {
        let base = UInt64(max(0, now.timeIntervalSince1970 * 1000)) * 1000
        guard let earlier, base <= earlier else { return base }
        return earlier + 1_000_000_000_000
    }

    /// From now on events belong to this run of Asterisk, and are counted from the number after `base`.
    package func begin(incarnation: String, base: UInt64) {
        state.withLock { state in
            state.incarnation = incarnation
            state.sequence = base
        }
    }

    /// Takes one message of a link.
    /// - Returns: what it is about; nil when it is no event.
    @discardableResult
    package func accept(_ body: ByteBuffer) -> EventHeader? {
        guard let header = EventHeader(body) else { return nil }
        guard let topic = rules.topic(of: header) else { return header }
        let body = header.type == "ChannelUserevent" ? UserEventText.unpacked(body) : body
        counter?.count(header.type)
        // Yielded under the lock: the order in the stream is that of the numbers.
        state.withLock { state in
            state.sequence += 1
            let sequence = state.sequence
            publish(body, name: header.type, topic: topic, sequence: sequence, &state)
        }
        return header
    }

    /// Takes one event of the manager interface; those are not counted.
    func accept(_ event: AMIMessage) {
        guard let name = event["Event"], let topic = rules.topic(ofManagerEvent: name) else { return }
        counter?.count(name)
        state.withLock { publish(ByteBuffer(string: event.json), name: name, topic: topic, sequence: 0, &$0) }
    }

    private func publish(_ body: ByteBuffer, name: String, topic: String, sequence: UInt64, _ state: inout State) {
        let event = BusEvent(
            topic: topic,
            name: name,
            node: rules.node,
            incarnation: state.incarnation,
            sequence: sequence,
            body: body
        )
        // Behind those that wait, if there are any.
        if state.waiting == 0, state.bus?.publishAtOnce(event) == true { return }
        if case .enqueued = continuation.yield(event) { state.waiting += 1 }
    }

    /// Publishes until the task is cancelled.
    package func run(publishingTo bus: any EventBus) async {
        var isFailing = false
        state.withLock { $0.bus = bus }
        defer { state.withLock { $0.bus = nil } }
        for await event in events {
            defer { state.withLock { $0.waiting -= 1 } }
            do {
                try await bus.publish(event)
                isFailing = false
            } catch {
                // Said once per outage; consumers notice the gap.
                if !isFailing {
                    logger.error("an event was not published: \(error)", metadata: ["node": "\(rules.node)"])
                }
                isFailing = true
            }
        }
    }
}
