import ARI
import CoreMetrics
import Logging

/// Changes of the fleet, brought to a running Asterisk.
extension NodeAgent {
    /// Takes a change of the fleet in: writes the files that differ and has Asterisk read them.
    func update(_ change: (inout NodeConfiguration) -> Void) async {
        var new = configuration
        change(&new)
        guard new != configuration else { return }
        let applicationsChanged = new.applications != configuration.applications
        configuration = new
        defer { if applicationsChanged { applicationWatchers?.yield(new.applications) } }
        // What somebody else's Asterisk reads is theirs.
        guard settings.process == .managed else { return }
        do {
            for module in try writer.writeChanges(new) where !pendingReloads.contains(module) {
                pendingReloads.append(module)
            }
        } catch {
            logger.error("\(error)")
        }
        await reloadPending()
    }

    /// Has Asterisk read what was written. What fails stays pending and is tried after the next good probe.
    func reloadPending() async {
        guard !isReloading else { return }
        isReloading = true
        defer { isReloading = false }
        while health.isAnswering, let module = pendingReloads.first {
            pendingReloads.removeFirst()
            let run = incarnation
            do {
                try await ari.asterisk.reloadModule(module)
                metrics.reloads.increment(by: 1)
                logger.debug("reloaded \(module)")
                self.applicationsChanged.yield()
            } catch {
                logger.warning("\(module) could not be reloaded: \(error)")
                if run == incarnation, !pendingReloads.contains(module) { pendingReloads.append(module) }
                return
            }
        }
    }

    /// The client applications now and after each change, for links that we dial ourselves.
    func applicationLists() -> AsyncStream<[String]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [String].self, bufferingPolicy: .bufferingNewest(1))
        continuation.yield(configuration.applications)
        applicationWatchers = continuation
        return stream
    }
}
