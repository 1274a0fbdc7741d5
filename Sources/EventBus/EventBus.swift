import NIOCore

/// What happens: every event of every node, published once.
///
/// A port with two implementations: ``EmbeddedBus`` for one process, and RabbitMQ for a fleet of hosts; both pass
/// `Tests/Conformance`.
package protocol EventBus: Sendable {
    /// Hands an event to every subscription whose patterns match its topic, in the order of publication per node.
    func publish(_ event: BusEvent) async throws(EventBusError)
    /// Publishes an event without waiting.
    /// - Returns: whether it was taken; a bus that has to wait takes none, and what it did not take is given to ``publish(_:)``.
    func publishAtOnce(_ event: BusEvent) -> Bool
    /// Starts to receive. The subscription ends when the returned stream is dropped or its task cancelled.
    /// - Parameters:
    ///   - patterns: AMQP topic patterns: `*` is one word, `#` any number of words (also none).
    ///   - limit: events kept for a slow reader; beyond it the oldest are dropped, which shows as a gap in ``BusEvent/sequence``.
    func subscribe(_ patterns: [String], limit: Int) async throws(EventBusError) -> AsyncStream<BusEvent>
    /// Tells every listener of an event of one of the fleet's services.
    func announce(_ event: ServiceEvent) async throws(EventBusError)
    /// Starts to hear the events of services, from now on. The stream ends when events may have been missed: the bus was lost, or more
    /// than `limit` waited for a slow reader.
    func listen(limit: Int) async throws(EventBusError) -> AsyncStream<ServiceEvent>
    /// Ends every subscription and takes no more events; what was taken before is delivered, within a bounded time.
    func shutDown() async
}

extension EventBus {
    /// Nothing is taken.
    package func publishAtOnce(_ event: BusEvent) -> Bool { false }
}

/// One event of one node.
package struct BusEvent: Sendable, Hashable {
    /// Routing key, as res_stasis_amqp names it: `stasis.app.<app>`, `stasis.channel.<id>`, or `stasis.node.<name>` for what
    /// belongs to neither; `stasis.ami.<event>` for events of the manager interface.
    package var topic: String
    /// The event's type, such as `StasisStart`, or the manager event's name.
    package var name: String
    /// The node it came from.
    package var node: String
    /// The run of the node's Asterisk it belongs to (`NodeRecord.incarnation`).
    package var incarnation: String
    /// Counts this node's ARI events, one by one from any number; a jump tells a consumer to re-synchronise. It never goes back
    /// within an incarnation. 0 for what is not counted: events of the manager interface.
    package var sequence: UInt64
    /// The ARI event, one JSON object, as Asterisk wrote it.
    package var body: ByteBuffer

    package init(
        topic: String,
        name: String,
        node: String,
        incarnation: String,
        sequence: UInt64,
        body: ByteBuffer
    ) {
        self.topic = topic
        self.name = name
        self.node = node
        self.incarnation = incarnation
        self.sequence = sequence
        self.body = body
    }
}

/// Why the bus refused.
package enum EventBusError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bus has been shut down or cannot be reached.
    case unavailable(String)

    package var description: String {
        switch self {
        case .unavailable(let detail): "event bus unavailable: \(detail)"
        }
    }
}
