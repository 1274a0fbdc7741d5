import EventBus
import Logging
import NIOCore
import Synchronization

/// Numbers a node's events in the order they arrive and passes them on to the bus.
///
/// Events are taken on the links' event loops without waiting. If the bus falls behind by more than the limit, events are
/// dropped, which consumers see as a gap in the numbers.
final class EventOutlet: Sendable {
    private struct State {
        var incarnation = ""
        var sequence: UInt64 = 0
    }

    private let node: String
    private let logger: Logger
    private let state = Mutex(State())
    private let events: AsyncStream<BusEvent>
    private let continuation: AsyncStream<BusEvent>.Continuation

    init(node: String, limit: Int = 65_536, logger: Logger) {
        self.node = node
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(of: BusEvent.self, bufferingPolicy: .bufferingOldest(limit))
    }

    /// A new run of Asterisk: numbers start from 1.
    func begin(incarnation: String) {
        state.withLock { $0 = State(incarnation: incarnation) }
    }

    /// Takes one message of a link.
    func accept(_ body: ByteBuffer) {
        guard let header = EventHeader(body), let topic = header.topic(node: node) else { return }
        // Yielded under the lock: the order in the stream is that of the numbers.
        state.withLock { state in
            state.sequence += 1
            continuation.yield(
                BusEvent(
                    topic: topic,
                    name: header.type,
                    node: node,
                    incarnation: state.incarnation,
                    sequence: state.sequence,
                    body: body
                )
            )
        }
    }

    /// Publishes until the task is cancelled.
    func run(publishingTo bus: any EventBus) async {
        var isFailing = false
        for await event in events {
            do {
                try await bus.publish(event)
                isFailing = false
            } catch {
                // Said once per outage; consumers notice the gap.
                if !isFailing { logger.error("an event was not published: \(error)", metadata: ["node": "\(node)"]) }
                isFailing = true
            }
        }
    }
}
