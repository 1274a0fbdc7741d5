import Registry

/// What the registry last said of the servers. A service that vanishes as a whole is believed only after a while: a registry that lost
/// its data gets it back from the servers, and those answer meanwhile.
struct UpstreamMemory: Sendable {
    private(set) var known: FrontUpstreams
    private var emptySince: [FrontService: ContinuousClock.Instant] = [:]
    private let grace: Duration

    /// - Parameter known: what was known in an earlier run.
    init(known: FrontUpstreams = FrontUpstreams(), grace: Duration) {
        self.known = known
        self.grace = grace
    }

    /// Takes a snapshot of the registry.
    mutating func learn(_ servers: [HostPort], of service: FrontService, at now: ContinuousClock.Instant) {
        if servers.isEmpty, !known[service].isEmpty {
            emptySince[service] = emptySince[service] ?? now
        } else {
            emptySince[service] = nil
            known[service] = servers
        }
    }

    /// Forgets what has been gone for long enough.
    mutating func expire(at now: ContinuousClock.Instant) {
        for (service, since) in emptySince where now - since >= grace {
            emptySince[service] = nil
            known[service] = []
        }
    }
}
