/// Whether this process may believe that its session stands.
///
/// Consul counts from when it got our last sign of life, we count from when we sent it: we give up first.
struct Lease: Sendable, Hashable {
    /// For how long a sign of life is good.
    let timeToLive: Duration
    private(set) var session: String?
    private var confirmed: ContinuousClock.Instant?

    init(timeToLive: Duration) { self.timeToLive = timeToLive }

    /// A session was opened; its check was last passed at `sent`.
    mutating func open(_ session: String, at sent: ContinuousClock.Instant) {
        self.session = session
        confirmed = sent
    }

    /// Consul took a sign of life that was sent at `sent`.
    mutating func confirm(at sent: ContinuousClock.Instant) {
        guard session != nil else { return }
        confirmed = max(confirmed ?? sent, sent)
    }

    /// The session is gone.
    mutating func lose() {
        session = nil
        confirmed = nil
    }

    /// When belief ends, unless there is news.
    var expiry: ContinuousClock.Instant? { confirmed.map { $0 + timeToLive } }

    /// Whether a key held by `holder` is ours now.
    func holds(_ holder: String?, at now: ContinuousClock.Instant) -> Bool {
        guard let holder, holder == session, let expiry else { return false }
        return now < expiry
    }
}
