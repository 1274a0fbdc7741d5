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
        var next = 0
        var isShutDown = false
    }

    private static let flushTime = Duration.seconds(2)

    private let settings: RabbitMQSettings
    private let logger: Logger
    private let publisher: Publisher
    private let subscriptions = Mutex(State())

    package init(settings: RabbitMQSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        publisher = Publisher(settings: settings, logger: logger)
    }

    /// Ends the bus at graceful shutdown or cancellation. In a group it comes first, so that it ends last.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutDown()
    }

    /// Where the bus stands.
    package var state: BusState {
        let subscribers = subscriptions.withLock { Array($0.subscribers.values) }
        let threads = subscribers.map(\.thread.status) + (publisher.isStarted ? [publisher.thread.status] : [])
        let counts = publisher.counts
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
            await added.subscriber.thread.wait(until: .now + .seconds(5)) { $0.attempts > 0 }
        }
        return stream
    }

    package func announce(_ event: ServiceEvent) async throws(EventBusError) {
        throw .unavailable("services' events are not carried yet")
    }

    package func listen(limit: Int) async throws(EventBusError) -> AsyncStream<ServiceEvent> {
        throw .unavailable("services' events are not carried yet")
    }

    /// Sends what is buffered, for at most 2 s, and ends every subscription. Queues of named consumers stay for their lifetime.
    package func shutDown() async {
        let subscribers = subscriptions.withLock { state in
            state.isShutDown = true
            defer { state.subscribers.removeAll() }
            return Array(state.subscribers.values)
        }
        await publisher.shutDown(until: .now + Self.flushTime)
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
