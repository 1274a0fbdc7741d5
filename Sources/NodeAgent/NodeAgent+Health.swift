import ARI
import CoreMetrics
import Engines
import Logging
import Registry

/// How Asterisk is, found out and told to the registry.
extension NodeAgent {
    /// Asks Asterisk whether it lives, often while it starts.
    func probe() async {
        while !Task.isCancelled {
            if settings.process == .attached {
                await probeAttached()
            } else if let pid = await process?.pid {
                self.pid = pid
                let run = incarnation
                let answered = (try? await ari.asterisk.ping()) != nil
                // An answer that came after a restart says nothing about the new run.
                if run == incarnation { note(answered ? .probeSucceeded : .probeFailed) }
                if answered { await reloadPending() }
            }
            try? await Task.sleep(for: health.health == .passing ? settings.limits.probeInterval : .milliseconds(50))
        }
    }

    /// A link came or went.
    func took(_ change: LinkChange) {
        if change.isUp { links.insert(change.connection) } else { links.remove(change.connection) }
        metrics.links.set(Int64(links.count))
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
            if health.health == .passing { applicationsChanged.yield() }
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

    /// Registers each new state, and deregisters when the stream of them has been finished. The registry may be away at any time.
    func keepRegistered() async throws(RegistryError) {
        var isKnown = false
        var isFailing = false
        for await next in announcements {
            do {
                try await registry.register(next)
                isKnown = true
                if isFailing { logger.notice("the node is registered") }
                isFailing = false
            } catch .unavailable(let detail) {
                // Once per outage.
                if !isFailing { logger.error("the node could not be registered: \(detail)") }
                isFailing = true
                isKnown = true
                try? await Task.sleep(for: .seconds(1))
                // What is true by then.
                announceRecord()
            }
        }
        if isKnown { try? await registry.deregister(node: settings.name) }
    }
}
