import NIOCore

/// What goes on in a fleet of simulated Asterisks, at a steady rate: each node in turn, on each node each call in turn.
///
/// A fleet whose agents do not take what they are told waits, as Asterisk does: what was achieved is reported.
struct SimulatedTraffic: Sendable {
    /// What was done.
    struct Report: Encodable, Sendable {
        var done: String
        /// How often.
        var count: Int
        /// How often a client application was told.
        var told: Int
        var seconds: Double
    }

    /// How often the fleet is looked after.
    private static let tick = TimeAmount.milliseconds(1)
    /// What at most is made up for in one tick.
    private static let burst = 500

    let asterisks: [SimulatedAsterisk]
    let loop: any EventLoop

    /// Calls come in until each node has so many.
    func call(perNode: Int, rate: Int) async throws -> Report {
        let missing = asterisks.map { max(0, perNode - $0.calls) }.max() ?? 0
        let asterisks = asterisks
        return try await run("calls", count: missing * asterisks.count, rate: rate) { turn in
            let asterisk = asterisks[turn % asterisks.count]
            guard asterisk.calls < perNode else { return (asterisk, false) }
            asterisk.call()
            return (asterisk, true)
        }
    }

    /// All calls end.
    func hangUp(rate: Int) async throws -> Report {
        let all = asterisks.flatMap { asterisk in
            asterisk.with { state in state.channels.compactMap { $0?.number } }
                .map { (asterisk, SimulatedChannel.id($0, on: asterisk.node)) }
        }
        return try await run("hangup", count: all.count, rate: rate) { turn in
            (all[turn].0, all[turn].0.hangUp(all[turn].1))
        }
    }

    /// Things happen to the calls there are.
    func happen(rate: Int, seconds: Double) async throws -> Report {
        let asterisks = asterisks
        let calls = asterisks.map { $0.with { $0.channels.count } }.min() ?? 0
        guard calls > 0 else { throw SimulatorError("no calls: say `calls` first") }
        return try await run("events", count: Int(Double(rate) * seconds), rate: rate) { turn in
            let asterisk = asterisks[turn % asterisks.count]
            let round = turn / asterisks.count
            return (asterisk, asterisk.happen(round, to: round % calls))
        }
    }

    /// - Parameter act: does one thing; returns on which node, and whether a client application was told.
    private func run(
        _ name: String,
        count: Int,
        rate: Int,
        act: @escaping @Sendable (Int) -> (SimulatedAsterisk, Bool)
    ) async throws -> Report {
        let promise = loop.makePromise(of: Report.self)
        let begun = NIODeadline.now()
        let progress = NIOLoopBoundBox.makeBoxSendingValue((count: 0, told: 0), eventLoop: loop)
        let asterisks = asterisks
        let task = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tick) { task in
            let elapsed = Double((NIODeadline.now() - begun).nanoseconds) / 1e9
            let due = min(count, Int(elapsed * Double(rate)), progress.value.count + Self.burst)
            guard asterisks.allSatisfy(\.isHeard) else { return }
            var touched: [ObjectIdentifier: SimulatedAsterisk] = [:]
            while progress.value.count < due {
                let (asterisk, isTold) = act(progress.value.count)
                touched[ObjectIdentifier(asterisk)] = asterisk
                progress.value.count += 1
                if isTold { progress.value.told += 1 }
            }
            for asterisk in touched.values { asterisk.flush() }
            guard progress.value.count >= count else { return }
            task.cancel()
            promise.succeed(Report(done: name, count: count, told: progress.value.told, seconds: elapsed))
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            task.cancel(promise: nil)
            promise.fail(CancellationError())
        }
    }
}
