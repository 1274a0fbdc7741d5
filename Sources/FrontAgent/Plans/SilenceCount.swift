import Registry

/// Which servers have not answered several probes in a row.
struct SilenceCount: Sendable {
    /// Probes that must fail, one after the other.
    static let limit = 3

    private var failures: [HostPort: Int] = [:]

    /// Those that do not answer.
    var silent: Set<HostPort> { Set(failures.filter { $0.value >= Self.limit }.keys) }

    /// Takes the outcome of a round of probes; servers not in it are forgotten.
    mutating func note(_ round: [HostPort: Bool]) {
        failures = round.filter { !$0.value }.reduce(into: [:]) { result, probe in
            result[probe.key] = min((failures[probe.key] ?? 0) + 1, Self.limit)
        }
    }
}
