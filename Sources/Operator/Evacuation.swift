import Fleet

/// Moves the calls of a node to the others, a few at a time.
package struct Evacuation: Sendable {
    /// Calls that are moved at once: each needs a node, a phone and perhaps a leg for some milliseconds.
    private static let width = 8

    /// A call that stays.
    package struct Stayed: Sendable, Hashable {
        package var call: ChannelReport
        package var reason: String
    }

    /// What came of it.
    package struct Outcome: Sendable, Hashable {
        package var moved = 0
        package var stayed: [Stayed] = []

        /// For people.
        package var summary: String {
            "\(moved) calls moved, \(stayed.count) stay until they hang up"
        }
    }

    private let node: String
    private let client: FleetClient

    package init(of node: String, by client: FleetClient) {
        self.node = node
        self.client = client
    }

    /// - Parameters:
    ///   - calls: of the whole fleet.
    ///   - tell: gets a line for each call.
    package func run(calls: [ChannelReport], tell: (String) -> Void = { _ in }) async -> Outcome {
        var waiting = calls.filter { $0.node == node && !$0.callID.isEmpty }[...]
        var outcome = Outcome()
        await withTaskGroup(of: Attempt.self) { group in
            for call in waiting.prefix(Self.width) { group.addTask { await move(call) } }
            waiting = waiting.dropFirst(Self.width)
            for await (call, result) in group {
                switch result {
                case .success(let moved):
                    outcome.moved += 1
                    tell("\(call.caller) in \(call.dialled) moved to \(moved.node)")
                case .failure(let error):
                    outcome.stayed.append(Stayed(call: call, reason: error.description))
                    tell("\(call.caller) in \(call.dialled) stays on \(node): \(error)")
                }
                if let next = waiting.popFirst() { group.addTask { await move(next) } }
            }
        }
        return outcome
    }

    private typealias Attempt = (ChannelReport, Result<MoveReport, OperatorError>)

    private func move(_ call: ChannelReport) async -> Attempt {
        do {
            return (call, .success(try await client.move(call.id)))
        } catch {
            return (call, .failure(error))
        }
    }
}
