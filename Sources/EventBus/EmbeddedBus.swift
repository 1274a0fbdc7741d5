import Synchronization

/// The bus of a fleet in one process: events go straight to the subscribers' buffers, nothing is copied.
package final class EmbeddedBus: EventBus {
    private struct Subscription {
        let patterns: [TopicPattern]
        let continuation: AsyncStream<BusEvent>.Continuation
    }

    private struct State {
        var subscriptions: [Int: Subscription] = [:]
        var listeners: [Int: AsyncStream<ServiceEvent>.Continuation] = [:]
        var next = 0
        var isShutDown = false
    }

    private let state = Mutex(State())

    package init() {}

    package func publish(_ event: BusEvent) async throws(EventBusError) {
        if !publishAtOnce(event) { throw .unavailable("it has been shut down") }
    }

    package func publishAtOnce(_ event: BusEvent) -> Bool {
        // Delivered under the lock, so that two publishers cannot interleave differently for two subscribers.
        state.withLock { state in
            for subscription in state.subscriptions.values
            where subscription.patterns.contains(where: { $0.matches(event.topic) }) {
                subscription.continuation.yield(event)
            }
            return !state.isShutDown
        }
    }

    package func subscribe(_ patterns: [String], limit: Int) async throws(EventBusError) -> AsyncStream<BusEvent> {
        let (stream, continuation) = AsyncStream.makeStream(of: BusEvent.self, bufferingPolicy: .bufferingNewest(limit))
        let id: Int? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.next += 1
            state.subscriptions[state.next] = Subscription(
                patterns: patterns.map(TopicPattern.init),
                continuation: continuation
            )
            return state.next
        }
        guard let id else { throw .unavailable("it has been shut down") }
        // Not in the reader's own task: it is called while that is locked for its cancellation, and whoever publishes waits for just that.
        continuation.onTermination = { [weak self] _ in Task { self?.forgetSubscription(id) } }
        return stream
    }

    package func announce(_ event: ServiceEvent) async throws(EventBusError) {
        let (isShutDown, slow) = state.withLock { state in
            let slow = state.listeners.filter { _, listener in
                if case .dropped = listener.yield(event) { true } else { false }
            }
            for id in slow.keys { state.listeners[id] = nil }
            return (state.isShutDown, slow)
        }
        for listener in slow.values { listener.finish() }
        if isShutDown { throw .unavailable("it has been shut down") }
    }

    package func listen(limit: Int) async throws(EventBusError) -> AsyncStream<ServiceEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServiceEvent.self,
            bufferingPolicy: .bufferingOldest(limit)
        )
        let id: Int? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let id else { throw .unavailable("it has been shut down") }
        continuation.onTermination = { [weak self] _ in Task { self?.forgetListener(id) } }
        return stream
    }

    /// Ends every subscription; what is buffered can still be read.
    package func shutDown() {
        let (subscriptions, listeners) = state.withLock { state in
            state.isShutDown = true
            defer {
                state.subscriptions.removeAll()
                state.listeners.removeAll()
            }
            return (Array(state.subscriptions.values), Array(state.listeners.values))
        }
        for subscription in subscriptions { subscription.continuation.finish() }
        for listener in listeners { listener.finish() }
    }

    private func forgetSubscription(_ id: Int) { state.withLock { $0.subscriptions[id] = nil } }

    private func forgetListener(_ id: Int) { state.withLock { $0.listeners[id] = nil } }
}
