/// How long to wait before each restart: at once after a good run, then exponentially longer, up to a bound.
package struct RestartPolicy: Sendable, Hashable {
    /// The delay before the first restart.
    package var initialDelay: Duration
    /// The longest delay.
    package var maximumDelay: Duration
    /// A run of at least this length counts as good: the count of failures starts anew.
    package var stableAfter: Duration
    /// After so many failures in a row we give up; nil never does.
    package var giveUpAfter: Int?

    package init(
        initialDelay: Duration = .milliseconds(250),
        maximumDelay: Duration = .seconds(10),
        stableAfter: Duration = .seconds(5),
        giveUpAfter: Int? = nil
    ) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.stableAfter = stableAfter
        self.giveUpAfter = giveUpAfter
    }

    /// What to do after a run has ended.
    package enum Step: Sendable, Hashable {
        /// Start again after a delay.
        case restart(after: Duration)
        /// It makes no sense to go on.
        case giveUp
    }

    /// Counts failures; a value, so that the rule can be tested without a process or a clock.
    package struct Counter: Sendable, Hashable {
        private let policy: RestartPolicy
        /// Short runs in a row.
        package private(set) var failures = 0

        package init(_ policy: RestartPolicy) { self.policy = policy }

        /// Takes note of a run and says what comes next.
        package mutating func ended(after run: Duration) -> Step {
            failures = run >= policy.stableAfter ? 1 : failures + 1
            if let limit = policy.giveUpAfter, failures >= limit, run < policy.stableAfter { return .giveUp }
            // The shift is bounded so that the doubling cannot overflow.
            let doubled = policy.initialDelay * (1 << min(failures - 1, 20))
            return .restart(after: min(doubled, policy.maximumDelay))
        }
    }
}
