import ARI
import Logging
import NIOCore
import Registry

/// Which applications Asterisk has registered, told to the registry.
extension NodeAgent {
    /// How long changes are gathered before they are told.
    private static let settling = Duration.milliseconds(100)

    /// Takes one message of a link.
    nonisolated func receive(_ message: ByteBuffer) {
        guard let header = outlet.accept(message), header.type.hasPrefix("Application") else { return }
        applicationsChanged.yield()
    }

    /// Tells the registry after each change, until the task is cancelled.
    func tellApplications() async {
        var told: (run: String, applications: [String])?
        var isFailing = false
        for await _ in registrations {
            try? await Task.sleep(for: Self.settling)
            guard health.isAnswering, !Task.isCancelled else { continue }
            let run = incarnation
            do {
                let applications = try await ari.applications.list().map(\.name)
                    .filter { $0 != NodeConfiguration.observer }.sorted()
                if let told, told == (run, applications) { continue }
                try await registry.serves(applications, node: settings.name)
                told = (run, applications)
                isFailing = false
            } catch {
                // Once per outage.
                if !isFailing { logger.warning("the node's applications could not be told: \(error)") }
                isFailing = true
                try? await Task.sleep(for: .seconds(1))
                applicationsChanged.yield()
            }
        }
    }
}
