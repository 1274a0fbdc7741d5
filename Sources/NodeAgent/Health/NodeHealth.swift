import Registry

/// When a node counts as healthy, and when its Asterisk hangs. A value without I/O, fed by the agent.
package struct NodeHealth: Sendable, Hashable {
    /// Bounds on the detection of failures.
    package struct Limits: Sendable, Hashable {
        /// How often Asterisk is asked whether it lives.
        package var probeInterval: Duration = .seconds(1)
        /// How long it may take to answer.
        package var probeTimeout: Duration = .seconds(2)
        /// Probes in a row that may fail before the node is critical: one may be lost to a busy machine.
        package var failedProbes = 2
        /// A running Asterisk that is not healthy for so long is killed, and started again by its supervisor.
        package var hangTimeout: Duration = .seconds(15)

        package init() {}
    }

    /// What happened.
    package enum Input: Sendable, Hashable {
        case processStarted
        /// An Asterisk of an earlier agent was found running.
        case processAdopted
        case processExited
        case observerUp
        case observerDown
        case probeSucceeded
        case probeFailed
    }

    /// What the agent is to do.
    package enum Directive: Sendable, Hashable {
        /// Asterisk hangs: kill it.
        case kill
    }

    /// The verdict.
    package private(set) var health = NodeRecord.Health.starting
    /// Whether ARI answered in this run, so that it can be given orders.
    package private(set) var isAnswering = false

    private let limits: Limits
    private var isRunning = false
    private var isObserved = false
    private var failedProbes = 0
    private var unhealthySince: ContinuousClock.Instant?

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes one thing in.
    package mutating func apply(_ input: Input, at now: ContinuousClock.Instant) -> Directive? {
        switch input {
        case .processStarted, .processAdopted:
            self = NodeHealth(limits: limits)
            isRunning = true
            unhealthySince = now
            return nil
        case .processExited:
            self = NodeHealth(limits: limits)
            health = .critical
            return nil
        case .observerUp: isObserved = true
        case .observerDown: isObserved = false
        case .probeSucceeded:
            isAnswering = true
            failedProbes = 0
        case .probeFailed: failedProbes += 1
        }
        return judge(at: now)
    }

    private mutating func judge(at now: ContinuousClock.Instant) -> Directive? {
        guard isRunning else { return nil }
        if isObserved, isAnswering, failedProbes < limits.failedProbes {
            health = .passing
            unhealthySince = nil
            return nil
        }
        // One that has not been healthy yet is still starting.
        if health == .passing { health = .critical }
        let since = unhealthySince ?? now
        unhealthySince = since
        guard now - since >= limits.hangTimeout else { return nil }
        // Asked for once: the exit will come.
        unhealthySince = now
        return .kill
    }
}
