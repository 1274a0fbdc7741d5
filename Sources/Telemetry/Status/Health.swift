import Synchronization

/// Where the parts of a role report what keeps them from serving; the source of its `/status`.
///
/// A condition is named by its part ("registry", "asterisk") and holds until the part reports again.
package final class Health: Sendable {
    /// What a problem means for the process.
    package enum Impact: Sendable, Hashable {
        /// It cannot serve now, and may again by itself.
        case readiness
        /// It will not work again without a restart.
        case liveness
        /// It serves, less well; only the reason is shown.
        case none
    }

    private struct Problem: Sendable {
        var reason: String
        var impact: Impact
    }

    /// The version of Asterism.
    package static let version = "0.1.0"

    private let role: String
    private let name: String
    private let problems: Mutex<[String: Problem]>

    /// - Parameter awaited: parts that have not begun: the role is not ready until each has reported.
    package init(role: String, name: String, awaiting awaited: [String] = []) {
        self.role = role
        self.name = name
        let starting = awaited.map { ($0, Problem(reason: "has not started yet", impact: .readiness)) }
        problems = Mutex(Dictionary(starting) { first, _ in first })
    }

    /// Says that a part works.
    package func good(_ part: String) { problems.withLock { $0[part] = nil } }

    /// Says what is wrong with a part.
    package func bad(_ part: String, _ reason: String, impact: Impact = .readiness) {
        problems.withLock { $0[part] = Problem(reason: reason, impact: impact) }
    }

    /// Says whether a part works: nil when it does, else what is wrong.
    package func report(_ part: String, problem: String?, impact: Impact = .readiness) {
        if let problem { bad(part, problem, impact: impact) } else { good(part) }
    }

    /// How the role stands now.
    package var status: StatusReport {
        let problems = problems.withLock { $0 }
        let isHealthy = !problems.values.contains { $0.impact == .liveness }
        return StatusReport(
            role: role,
            name: name,
            version: Self.version,
            healthy: isHealthy,
            ready: isHealthy && !problems.values.contains { $0.impact == .readiness },
            reasons: problems.map { "\($0.key): \($0.value.reason)" }.sorted()
        )
    }
}
