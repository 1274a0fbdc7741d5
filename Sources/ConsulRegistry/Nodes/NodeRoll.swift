import Registry

/// Which nodes there are, from what the store and the checks of Consul say, and from what was known before.
///
/// - The store says who is there: a record that goes was deregistered.
/// - The checks say who is well: what fails them, or has lost its service, is suspect.
/// - A Consul that lost its data says nothing about anybody: who was there stays for a while, as suspect.
///
/// A record whose service was never seen is not shown: it is being registered, or left over.
struct NodeRoll: Sendable {
    private struct Known: Sendable {
        var entry: NodeFolder.Entry
        var isDraining: Bool
        var wasSeen = false
        var instance: ServiceInstance?
        /// Since when its service is missing.
        var absentSince: ContinuousClock.Instant?
        /// Since when its record is missing because the store lost its data.
        var lostSince: ContinuousClock.Instant?
    }

    /// How long a node that Consul lost is shown.
    let patience: Duration
    private var known: [String: Known] = [:]
    private var instances: [String: ServiceInstance]?
    private var origin: String?
    private var hasRecords = false

    init(patience: Duration) { self.patience = patience }

    /// Whether both sources have spoken.
    var isComplete: Bool { hasRecords && instances != nil }

    /// Takes in what the store says.
    mutating func apply(_ folder: NodeFolder, at now: ContinuousClock.Instant) {
        let hasLostData = origin != nil && folder.mark?.origin != origin
        for (name, state) in known where folder.entries[name] == nil {
            if hasLostData {
                known[name]?.lostSince = state.lostSince ?? now
            } else if state.lostSince == nil {
                known[name] = nil
            }
        }
        for (name, entry) in folder.entries {
            var state = known[name] ?? Known(entry: entry, isDraining: entry.record.isDraining)
            state.entry = entry
            state.lostSince = nil
            known[name] = state
        }
        origin = folder.mark?.origin
        hasRecords = true
        settle(at: now)
    }

    /// Takes in what the checks say.
    mutating func apply(_ list: [ServiceInstance], at now: ContinuousClock.Instant) {
        // An agent that died and another that took over may both have the service: one that is well counts.
        instances = Dictionary(list.map { ($0.id, $0) }) { first, second in
            if first.isPassing != second.isPassing { return first.isPassing ? first : second }
            return first.isInMaintenance ? first : second
        }
        settle(at: now)
    }

    /// Joins services to records.
    private mutating func settle(at now: ContinuousClock.Instant) {
        guard let instances else { return }
        for (name, state) in known {
            let instance = instances[state.entry.record.id]
            known[name]?.instance = instance
            known[name]?.wasSeen = state.wasSeen || instance != nil
            known[name]?.absentSince = instance == nil ? state.absentSince ?? now : nil
            // A service that comes back is in maintenance only a moment after its registration; its record says so before.
            if let instance {
                known[name]?.isDraining =
                    instance.isInMaintenance || (!instance.isPassing && state.entry.record.isDraining)
            }
        }
    }

    /// The nodes to be shown, by name.
    func nodes(at now: ContinuousClock.Instant) -> [NodeRecord] {
        known.values.filter { $0.wasSeen && !isForgotten($0, at: now) }
            .map { state in
                var record = state.entry.record
                record.isDraining = state.isDraining
                let isTrusted = state.lostSince == nil && state.instance?.isPassing == true
                if record.health == .passing, !isTrusted { record.health = .suspect }
                return record
            }
            .sorted { $0.name < $1.name }
    }

    /// When the list changes by itself.
    func nextExpiry(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        known.values.filter(\.wasSeen)
            .flatMap { [$0.absentSince, $0.lostSince] }
            .compactMap { $0.map { $0 + patience } }
            .filter { $0 > now }
            .min()
    }

    /// Records whose service has been missing for so long that nobody will bring it back.
    func leftovers(at now: ContinuousClock.Instant) -> [NodeFolder.Entry] {
        known.values
            .filter { state in
                guard let since = state.absentSince, state.lostSince == nil else { return false }
                return now >= since + patience * 2
            }
            .map(\.entry)
    }

    /// Whether a node drains, if that is known.
    func isDraining(_ name: String) -> Bool? {
        guard let state = known[name], state.wasSeen else { return nil }
        return state.isDraining
    }

    private func isForgotten(_ state: Known, at now: ContinuousClock.Instant) -> Bool {
        [state.absentSince, state.lostSince].contains { $0.map { now >= $0 + patience } ?? false }
    }
}
