import ARI
import Engines
import Logging
import Registry

/// How Asterisk is, found out and told to the registry.
extension NodeAgent {
    /// Asks Asterisk whether it lives, often while it starts.
    func probe() async {
        while !Task.isCancelled {
            if let pid = await process?.pid {
                self.pid = pid
                let run = incarnation
                let answered = (try? await ari.ping()) != nil
                // An answer that came after a restart says nothing about the new run.
                if run == incarnation { note(answered ? .probeSucceeded : .probeFailed) }
                if answered { await reloadPending() }
            }
            try? await Task.sleep(for: health.health == .passing ? settings.limits.probeInterval : .milliseconds(50))
        }
    }

    /// A link came or went.
    func took(_ change: LinkChange) {
        guard change.link == .observer else { return }
        if change.isUp { observers.insert(change.connection) } else { observers.remove(change.connection) }
        note(observers.isEmpty ? .observerDown : .observerUp)
    }

    func note(_ input: NodeHealth.Input) {
        let before = health.health
        let directive = health.apply(input, at: .now)
        if health.health != before || input == .processStarted {
            logger.info("health \(health.health.rawValue)")
            announceRecord()
        }
        if directive == .kill, let process {
            logger.error("Asterisk does not answer")
            Task { await process.kill() }
        }
    }

    private func announceRecord() {
        announce.yield(
            settings.record(
                incarnation: incarnation,
                health: health.health,
                isDraining: configuration.isDraining,
                pid: pid
            )
        )
    }

    /// Registers each new state, and deregisters when the stream of them has been finished.
    func keepRegistered() async throws(RegistryError) {
        var record: NodeRecord?
        for await next in announcements {
            record = next
            do {
                try await registry.register(next)
            } catch .unavailable(let detail) {
                logger.error("the node could not be registered: \(detail)")
                try? await Task.sleep(for: .seconds(1))
                announce.yield(next)
            }
        }
        if record != nil { try? await registry.deregister(node: settings.name) }
    }
}
