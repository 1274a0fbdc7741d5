import Fleet
import Synchronization

/// Whether a gateway can serve, with the reasons why not: for its status page, and for those who wait for it.
package final class GatewayReadiness: Sendable {
    /// What has to be seen once before anything is served.
    enum Milestone: String, CaseIterable, Sendable {
        case bus = "the bus is not subscribed to"
        case nodes = "the registry's nodes have not been seen"
        case bridges = "the registry's bridges have not been seen"
    }

    private let directory: FleetDirectory
    private let seen = Mutex<Set<Milestone>>([])

    init(directory: FleetDirectory) { self.directory = directory }

    /// Why the gateway cannot serve yet, for people; empty when it can.
    package var reasons: [String] {
        let seen = seen.withLock { $0 }
        var reasons = Milestone.allCases.filter { !seen.contains($0) }.map(\.rawValue)
        let mirrors = directory.read { $0.mirrors.mapValues(\.isListed) }
        if mirrors.isEmpty { reasons.append("no node answers") }
        let unlisted = mirrors.filter { !$0.value }.keys.sorted()
        if !unlisted.isEmpty { reasons.append("not listed yet: \(unlisted.joined(separator: ", "))") }
        return reasons
    }

    /// Whether there is no such reason.
    package var isReady: Bool { reasons.isEmpty }

    /// Whether events reach this gateway and it knows the registry: from then on clients may connect.
    var isOpen: Bool { seen.withLock { $0.count == Milestone.allCases.count } }

    /// An event socket opened earlier would miss events.
    /// - Parameter patience: nil waits until the task is cancelled.
    func waitUntilOpen(atMost patience: Duration?) async {
        let deadline = patience.map { ContinuousClock.now + $0 }
        while !isOpen, !Task.isCancelled, deadline.map({ .now < $0 }) ?? true {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    func note(_ milestone: Milestone) { seen.withLock { _ = $0.insert(milestone) } }
}
