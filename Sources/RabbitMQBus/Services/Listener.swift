import EventBus
import Logging

/// One listener of services' events: a queue and a connection of its own, both of which end with the first trouble, and so does the stream.
final class Listener: Sendable {
    private static let prefetch: UInt16 = 250

    let thread: ConnectionThread
    private let settings: RabbitMQSettings
    private let continuation: AsyncStream<ServiceEvent>.Continuation
    private let logger: Logger

    init(
        settings: RabbitMQSettings,
        continuation: AsyncStream<ServiceEvent>.Continuation,
        logger: Logger
    ) {
        self.settings = settings
        self.continuation = continuation
        self.logger = logger
        thread = ConnectionThread(
            name: "listener",
            settings: settings,
            maxAttempts: settings.brokers.count,
            logger: logger
        )
    }

    func start() {
        thread.start { [self] connection, isUp in
            do {
                try listen(over: connection, isUp)
            } catch {
                end()
                throw error
            }
        }
    }

    /// Ends the stream; what it holds can still be read.
    func end() {
        thread.stop()
        continuation.finish()
    }

    private func listen(over connection: AMQPConnection, _ isUp: () -> Void) throws {
        try settings.services.declare(over: connection)
        // Without arguments a headers exchange lets everything through.
        _ = try connection.consume(
            queue: nil,
            exchange: settings.services.all,
            bindings: [""],
            limit: nil,
            prefetch: Self.prefetch,
            settings: settings
        )
        isUp()
        // One acknowledgement for many, before so many wait for it that no more are sent.
        var pending: (tag: UInt64, count: UInt16)?
        while !thread.isStopping {
            guard let delivery = try connection.nextDelivery() else {
                if let tag = pending?.tag { try connection.acknowledge(upTo: tag) }
                pending = nil
                thread.wakeup.wait(socket: connection.socket, milliseconds: connection.pollMilliseconds)
                continue
            }
            if case .dropped = continuation.yield(ServiceFormat.event(in: delivery.message)) {
                logger.warning("a listener reads too slowly: it must begin anew")
                return end()
            }
            pending = (delivery.tag, (pending?.count ?? 0) + 1)
            if let full = pending, full.count >= Self.prefetch / 2 {
                try connection.acknowledge(upTo: full.tag)
                pending = nil
            }
        }
    }
}
