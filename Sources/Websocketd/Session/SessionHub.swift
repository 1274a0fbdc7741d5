import NIOCore
import Synchronization

/// The sessions that hear events, by the event loop they live on: an event hops once to each loop, whatever the number of clients.
package final class SessionHub: Sendable {
    private struct State {
        var loops: [ObjectIdentifier: NIOLoopBound<LoopSessions>] = [:]
    }

    private let state = Mutex(State())
    private let sessions = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)
    private let busIsUp = Atomic<Bool>(false)

    package init() {}

    /// Sessions that hear events.
    package var count: Int { sessions.load(ordering: .relaxed) }
    /// Bytes that wait for slow readers, over all sessions.
    package var waitingBytes: Int { waiting.load(ordering: .relaxed) }

    /// Whether events come.
    package var isBusUp: Bool {
        get { busIsUp.load(ordering: .relaxed) }
        set { busIsUp.store(newValue, ordering: .relaxed) }
    }

    /// - Returns: false when the task was cancelled before.
    func waitUntilBusIsUp() async -> Bool {
        while !isBusUp {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return false }
        }
        return true
    }

    func noteWaiting(_ bytes: Int) { waiting.add(bytes, ordering: .relaxed) }

    /// Adds a session of this event loop.
    func join(_ handler: SessionHandler, on loop: any EventLoop) {
        let bound = state.withLock { state in
            if let bound = state.loops[ObjectIdentifier(loop)] { return bound }
            let bound = NIOLoopBound(LoopSessions(), eventLoop: loop)
            state.loops[ObjectIdentifier(loop)] = bound
            return bound
        }
        bound.value.handlers[ObjectIdentifier(handler)] = handler
        sessions.add(1, ordering: .relaxed)
    }

    /// Forgets a session of this event loop; one that is not there is ignored.
    func leave(_ handler: SessionHandler, on loop: any EventLoop) {
        let bound = state.withLock { $0.loops[ObjectIdentifier(loop)] }
        guard bound?.value.handlers.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
        sessions.subtract(1, ordering: .relaxed)
    }

    /// Hands an event to every session that wants it, and returns when each has it in its own queue.
    /// - Returns: how many wanted it.
    func deliver(_ event: HeardEvent) async -> Int {
        var wanted = 0
        for reply in eachLoop({ $0.deliver(event) }) { wanted += (try? await reply.get()) ?? 0 }
        return wanted
    }

    /// Ends every session that hears events.
    func closeAll(_ reason: CloseReason) async {
        for reply in eachLoop({ $0.closeAll(reason) }) { _ = try? await reply.get() }
    }

    private func eachLoop<Reply: Sendable>(
        _ work: @escaping @Sendable (LoopSessions) -> Reply
    ) -> [EventLoopFuture<Reply>] {
        state.withLock { Array($0.loops.values) }.map { bound in bound.eventLoop.submit { work(bound.value) } }
    }
}

/// The sessions of one event loop; used on that loop only.
private final class LoopSessions {
    var handlers: [ObjectIdentifier: SessionHandler] = [:]

    func deliver(_ event: HeardEvent) -> Int { handlers.values.reduce(0) { $0 + ($1.deliver(event) ? 1 : 0) } }

    func closeAll(_ reason: CloseReason) {
        // A copy: sessions leave while they are closed.
        for handler in Array(handlers.values) { handler.end(reason) }
    }
}
