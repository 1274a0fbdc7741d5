import Foundation
import Synchronization

/// Which agent is in use. A failure moves on to the next one and ends the waits that hang at the one that failed.
final class Endpoints: Sendable {
    /// An agent, and the turn in which it was chosen.
    struct Choice: Sendable, Hashable {
        var address: ConsulAddress
        var turn: Int
    }

    private struct State {
        var turn = 0
        var waits: [UUID: AsyncStream<Void>.Continuation] = [:]
    }

    /// All agents, in the order of preference.
    let addresses: [ConsulAddress]
    private let state = Mutex(State())

    /// - Parameter addresses: one at least.
    init(_ addresses: [ConsulAddress]) {
        precondition(!addresses.isEmpty, "a Consul address is needed")
        self.addresses = addresses
    }

    /// The agent to ask now.
    var current: Choice {
        let turn = state.withLock(\.turn)
        return Choice(address: addresses[turn % addresses.count], turn: turn)
    }

    /// Moves on, unless somebody has done so since the choice was made.
    func failed(_ choice: Choice) {
        let waits = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            guard state.turn == choice.turn else { return [] }
            state.turn += 1
            defer { state.waits.removeAll() }
            return Array(state.waits.values)
        }
        for wait in waits { wait.finish() }
    }

    /// Returns when the choice has failed, or the task is cancelled.
    func departure(from choice: Choice) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let id = UUID()
        let hasDeparted = state.withLock { state in
            if state.turn == choice.turn { state.waits[id] = continuation }
            return state.turn != choice.turn
        }
        if hasDeparted { return }
        for await _ in stream {}
        _ = state.withLock { $0.waits.removeValue(forKey: id) }
    }
}
