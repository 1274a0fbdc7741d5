/// Decides from probes whether nginx works, has missed a reload, or hangs.
struct NginxWatch: Sendable {
    /// What is to be done.
    enum Action: Sendable, Hashable {
        case nothing
        /// It answers with an older configuration: it may have started while the new one was written.
        case reload
        /// It hangs; only SIGKILL helps.
        case kill
    }

    /// Probes that may fail in a row.
    static let failureLimit = 3
    /// The same before the first answer: a start takes longer.
    static let startLimit = 100
    /// Answers with an old configuration after which the reload is asked for again, and after which nginx is killed.
    static let staleLimits = (reload: 2, kill: 6)

    /// Whether nginx has answered since its start.
    private(set) var isServing = false
    private var failures = 0
    private var stale = 0

    /// nginx was started, or has ended.
    mutating func restarted() { self = NginxWatch() }

    /// Takes a probe.
    /// - Parameters:
    ///   - generation: the configuration that nginx answered with; nil when it did not answer.
    ///   - wanted: the configuration it should have.
    ///   - isStopped: whether a process of nginx is stopped by a signal; others may answer in its place.
    mutating func observe(generation: String?, wanted: String, isStopped: Bool) -> Action {
        guard let generation, !isStopped else {
            failures += 1
            guard failures >= (isServing ? Self.failureLimit : Self.startLimit) else { return .nothing }
            failures = 0
            return .kill
        }
        isServing = true
        failures = 0
        stale = generation == wanted ? 0 : stale + 1
        if stale >= Self.staleLimits.kill {
            stale = 0
            return .kill
        }
        return stale == Self.staleLimits.reload ? .reload : .nothing
    }
}
