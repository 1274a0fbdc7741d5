import EventBus
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// The bus of a fleet of hosts, on RabbitMQ, compatible with res_stasis_amqp.
///
/// Events reach a named consumer at least once from the broker and exactly once from here; see `docs/bus.md`. Threads and connections
/// begin with the first use; ``run()`` only waits for the end.
package final class RabbitMQBus: EventBus, Service {
    private struct State {
        var subscribers: [Int: Subscriber] = [:]
        var listeners: [Int: Listener] = [:]
        var next = 0
        var isShutDown = false
    }

    private static let flushTime = Duration.seconds(2)

    private let settings: RabbitMQSettings
    private let logger: Logger
    private let publisher: Publisher<BusEvent>
    private let announcer: Publisher<ServiceEvent>
    private let subscriptions = Mutex(State())

    package init(settings: RabbitMQSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        publisher = Publisher(
            Publisher.Manner(
                name: "publisher",
                prepare: { try $0.declareExchange(settings.exchange) },
                message: { (settings.format.message(for: $0), settings.exchange) }
            ),
            settings: settings,
            logger: logger
        )
        announcer = Publisher(
            Publisher.Manner(
                name: "announcer",
                prepare: { try settings.services.declare(over: $0) },
                message: { (ServiceFormat.message(for: $0), settings.services.exchange(of: $0)) }
            ),
            settings: settings,
            logger: logger
        )
    }

    /// Ends the bus at graceful shutdown or cancellation. In a group it comes first, so that it ends last.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Where the bus stands.
    package var state: BusState {
        let subscribers = subscriptions.withLock { Array($0.subscribers.values) }
        let threads =
            subscribers.map(\.thread.status) + (publisher.isStarted ? [publisher.thread.status] : [])
            + (announcer.isStarted ? [announcer.thread.status] : [])
            + subscriptions.withLock { $0.listeners.values.map(\.thread.status) }
        let counts = publisher.counts + announcer.counts
        let isConnected = threads.allSatisfy(\.isConnected)
        let relevant = isConnected ? threads : threads.filter { !$0.isConnected }
        return BusState(
            isConnected: isConnected,
            since: (isConnected ? relevant.map(\.since).max() : relevant.map(\.since).min()) ?? Date(),
            buffered: counts.buffered,
            unconfirmed: counts.unconfirmed,
            dropped: counts.dropped,
            reconnects: threads.reduce(0) { $0 + max(0, $1.connections - 1) },
            confirmed: counts.confirmed,
            delivered: subscribers.reduce(0) { $0 + $1.delivered },
            problem: threads.lazy.compactMap(\.problem).first
        )
    }

    package func publish(_ event: BusEvent) async throws(EventBusError) {
        try await publisher.publish(event)
    }

    /// A named consumer misses nothing from the moment this returns: it waits until the broker has the subscription, or the bus is shut
    /// down, or the task cancelled. One without a name waits for a bounded time only; when the broker is away it gets it later.
    package func subscribe(_ patterns: [String], limit: Int) async throws(EventBusError) -> AsyncStream<BusEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: BusEvent.self, bufferingPolicy: .bufferingNewest(limit))
        let added: (id: Int, subscriber: Subscriber)? = subscriptions.withLock { state in
            guard !state.isShutDown else { return nil }
            state.next += 1
            let subscriber = Subscriber(
                queue: settings.consumer.map { queueName($0, besides: state.subscribers.values.compactMap(\.queue)) },
                patterns: patterns,
                settings: settings,
                continuation: continuation,
                logger: logger
            )
            state.subscribers[state.next] = subscriber
            return (state.next, subscriber)
        }
        guard let added else { throw .unavailable("it has been shut down") }
        continuation.onTermination = { [weak self] _ in self?.end(added.id) }
        added.subscriber.start()
        if settings.consumer != nil {
            await added.subscriber.thread.wait(until: .now + .seconds(86_400)) { $0.isConnected || $0.isStopping }
        } else {
            await added.subscriber.thread.wait(until: .now + .seconds(5)) { $0.isConnected || $0.attempts > 0 }
        }
        return stream
    }

    package func announce(_ event: ServiceEvent) async throws(EventBusError) {
        try await announcer.publish(event)
    }

    /// Asks each broker once, for 5 s at most.
    package func listen(limit: Int) async throws(EventBusError) -> AsyncStream<ServiceEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServiceEvent.self,
            bufferingPolicy: .bufferingOldest(limit)
        )
        let listener = Listener(settings: settings, continuation: continuation, logger: logger)
        let id: Int? = subscriptions.withLock { state in
            guard !state.isShutDown else { return nil }
            state.next += 1
            state.listeners[state.next] = listener
            return state.next
        }
        guard let id else { throw .unavailable("it has been shut down") }
        continuation.onTermination = { [weak self] _ in
            self?.subscriptions.withLock { $0.listeners.removeValue(forKey: id) }?.thread.stop()
        }
        listener.start()
        await listener.thread.wait(until: .now + .seconds(5)) { $0.isConnected || $0.isFinished }
        let status = listener.thread.status
        guard status.isConnected else {
            listener.end()
            throw .unavailable(status.problem ?? "the broker does not answer")
        }
        return stream
    }

    /// Sends what is buffered, for at most 2 s, and ends every subscription. Queues of named consumers stay for their lifetime.
    package func shutDown() async {
        let (subscribers, listeners) = subscriptions.withLock { state in
            state.isShutDown = true
            defer {
                state.subscribers.removeAll()
                state.listeners.removeAll()
            }
            return (Array(state.subscribers.values), Array(state.listeners.values))
        }
        let deadline = ContinuousClock.now + Self.flushTime
        await publisher.shutDown(until: deadline)
        await announcer.shutDown(until: deadline)
        for listener in listeners { listener.end() }
        for subscriber in subscribers { subscriber.stop(keepingQueue: true) }
        for subscriber in subscribers {
            await subscriber.thread.wait(until: .now + .milliseconds(500)) { $0.isFinished }
            subscriber.thread.interrupt()
            subscriber.finish()
        }
    }

    private func end(_ id: Int) {
        subscriptions.withLock { $0.subscribers.removeValue(forKey: id) }?.stop(keepingQueue: false)
    }

    /// `asterism.<consumer>`, and numbered from 2 for further subscriptions.
    private func queueName(_ consumer: String, besides taken: [String]) -> String {
        let first = "asterism.\(consumer)"
        guard taken.contains(first) else { return first }
        var number = 2
        while taken.contains("\(first).\(number)") { number += 1 }
        return "\(first).\(number)"
    }
}
