/// Finds out whether a running process still works. One that does not is killed, and started again as after any exit.
package struct LivenessProbe: Sendable {
    /// How often it is asked, and how long an answer may take.
    package var interval: Duration
    /// Questions in a row without a good answer after which the process counts as hung.
    package var failures: Int
    /// How long a process that has just been started may take to its first good answer.
    package var grace: Duration
    /// Asks once. It must heed cancellation, for the answer is not waited for longer than ``interval``.
    package var isAlive: @Sendable () async -> Bool

    package init(
        interval: Duration = .seconds(1),
        failures: Int = 3,
        grace: Duration = .seconds(5),
        isAlive: @escaping @Sendable () async -> Bool
    ) {
        self.interval = interval
        self.failures = failures
        self.grace = grace
        self.isAlive = isAlive
    }

    /// Asks until there have been too many failures in a row.
    func waitUntilHung() async throws {
        let patientUntil = ContinuousClock.now + grace
        var failed = 0
        var hasAnswered = false
        while failed < failures {
            let asked = ContinuousClock.now
            if await answersInTime() {
                hasAnswered = true
                failed = 0
            } else if hasAnswered || asked >= patientUntil {
                failed += 1
            }
            try await Task.sleep(until: asked + interval)
        }
    }

    private func answersInTime() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await isAlive() }
            group.addTask {
                try? await Task.sleep(for: interval)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
