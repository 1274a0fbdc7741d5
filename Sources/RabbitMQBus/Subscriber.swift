import EventBus
import Foundation
import Logging
import Synchronization

/// One subscription: a queue, a connection of its own, and the stream that its events go to.
final class Subscriber: Sendable {
    private static let prefetch: UInt16 = 1000
    private static let acknowledgedAtOnce = 250

    let thread: ConnectionThread
    /// The queue's name; nil for a queue that ends with the connection.
    let queue: String?
    private let patterns: [String]
    private let settings: RabbitMQSettings
    private let continuation: AsyncStream<BusEvent>.Continuation
    private let logger: Logger
    private let yielded = Mutex(0)
    private let keepsQueue = Mutex(false)
    // Used by the thread alone, but it outlives connections.
    private let selection: Mutex<Selection>

    init(
        queue: String?,
        patterns: [String],
        settings: RabbitMQSettings,
        continuation: AsyncStream<BusEvent>.Continuation,
        logger: Logger
    ) {
        self.queue = queue
        self.patterns = patterns
        self.settings = settings
        self.continuation = continuation
        self.logger = logger
        thread = ConnectionThread(name: queue ?? "subscriber", settings: settings, logger: logger)
        selection = Mutex(Selection(patterns: patterns))
    }

    /// Events handed over, whether they were read or dropped as the oldest.
    var delivered: Int { yielded.withLock(\.self) }

    func start() {
        thread.start { [self] connection, isUp in try receive(over: connection, isUp) }
    }

    /// Ends the subscription.
    /// - Parameter keepingQueue: whether events go on to be kept for a consumer of this name.
    func stop(keepingQueue: Bool) {
        keepsQueue.withLock { $0 = keepingQueue }
        thread.stop()
    }

    /// Ends the stream; what it holds can still be read.
    func finish() { continuation.finish() }

    private func receive(over connection: AMQPConnection, _ isUp: () -> Void) throws {
        try connection.declareExchange(settings.exchange)
        let bindings = patterns.reduce(into: Set<String>()) { $0.formUnion(settings.format.bindings(for: $1)) }
        let declared = try connection.consume(
            queue: queue,
            bindings: bindings,
            limit: settings.queuedEvents,
            prefetch: Self.prefetch,
            settings: settings
        )
        isUp()
        while !thread.isStopping {
            var last: UInt64?
            var count = 0
            while count < Self.acknowledgedAtOnce, let delivery = try connection.nextDelivery() {
                take(delivery.message)
                last = delivery.tag
                count += 1
            }
            if let last {
                try connection.acknowledge(upTo: last)
            } else {
                thread.wakeup.wait(socket: connection.socket, milliseconds: connection.pollMilliseconds)
            }
        }
        if queue != nil, !keepsQueue.withLock(\.self) { try connection.delete(queue: declared) }
    }

    private func take(_ message: AMQPMessage) {
        guard let event = EventFormat.event(in: message) else {
            logger.debug("a message is no event", metadata: ["key": "\(message.routingKey)"])
            return
        }
        guard selection.withLock({ $0.takes(event) }) else { return }
        continuation.yield(event)
        yielded.withLock { $0 += 1 }
    }
}
