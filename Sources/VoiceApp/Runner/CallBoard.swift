import ARI
import Synchronization

/// The calls of an application, and the routing of events to them.
final class CallBoard: Sendable {
    /// What is left for the runner to do.
    enum Task: Sendable {
        case attend(Call)
        case refuse(channel: String)
        case dropLeg(channel: String)
    }

    private struct State {
        var router: EventRouter
        var calls: [String: Call] = [:]
    }

    private let state: Mutex<State>
    private let emptied = Mailbox<Void>(capacity: 1)

    init(router: EventRouter) { state = Mutex(State(router: router)) }

    func adopt(leg: String, by call: String) { state.withLock { $0.router.adopt(leg: leg, by: call) } }
    func confirm(leg: String) { state.withLock { $0.router.confirm(leg: leg) } }
    func release(leg: String) { state.withLock { $0.router.release(leg: leg) } }

    /// Takes no more calls.
    func close() { state.withLock { $0.router.isOpen = false } }

    func receive(_ event: Event, _ context: CallContext) -> Task? {
        state.withLock { state in
            state.router.receive(event).flatMap { perform($0, context, &state) }
        }
    }

    /// After an interruption, with the channels that exist.
    func resynchronise(_ channels: [Channel], _ context: CallContext) -> [Task] {
        state.withLock { state in
            let tasks = state.router.resynchronise(channels).compactMap { perform($0, context, &state) }
            for call in state.calls.values { call.warnOfGap() }
            return tasks
        }
    }

    /// Returns when the last call has ended, or `timeout` has passed.
    func waitUntilEmpty(atMost timeout: Duration) async {
        let deadline = ContinuousClock.now + timeout
        while !state.withLock({ $0.calls.isEmpty }) {
            let left = deadline - .now
            guard left > .zero, await emptied.next(within: left) != nil else { return }
        }
    }

    /// Under the lock, so that a call sees its notices in order.
    private func perform(_ directive: EventRouter.Directive, _ context: CallContext, _ state: inout State) -> Task? {
        switch directive {
        case .begin(let channel, let arguments):
            let call = Call(channel, arguments: arguments, context: context)
            state.calls[channel.id] = call
            return .attend(call)
        case .notify(let id, let notice):
            state.calls[id]?.post(notice)
            return nil
        case .end(let id):
            state.calls.removeValue(forKey: id)?.end()
            if state.calls.isEmpty { emptied.post(()) }
            return nil
        case .refuse(let channel): return .refuse(channel: channel)
        case .dropLeg(let channel): return .dropLeg(channel: channel)
        }
    }
}
