import Foundation
import Logging
import Registry

/// The life of this process in Consul: a service whose check it passes every second, and a session bound to that check.
extension ConsulRegistry {
    package func announce(_ value: [UInt8], for key: String) async throws(RegistryError) {
        announced[key] = value
        announcedUnder[key] = nil
        try await asking { () async throws(ConsulError) in try await self.writeAnnouncement(key) }
    }

    /// The session of this process, opened if need be.
    func session() async throws(ConsulError) -> String {
        while isOpeningSession {
            try? await Task.sleep(for: .milliseconds(10))
            if Task.isCancelled { throw .abandoned }
        }
        if let session = lease.session { return session }
        isOpeningSession = true
        defer { isOpeningSession = false }
        let sent = ContinuousClock.now
        try await client.register(NodeServices.process(id: processID, settings: settings))
        let check = NodeServices.check(ofService: processID)
        // An agent that knows the service lets its check be critical, as it is after an attempt that failed for long.
        _ = try await client.pass(check: check)
        let checks = ["serfHealth", check]
        var patience = 20
        while true {
            do throws(ConsulError) {
                let session = try await client.openSession(name: processID, checks: checks)
                lease.open(session, at: sent)
                return session
            } catch .refused(500, let request, let text) {
                // The servers may not have heard of the check yet.
                guard patience > 0 else { throw .refused(status: 500, request: request, text: text) }
                patience -= 1
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// The heartbeat.
    func keepAlive() async {
        var beats = 0
        var isAway = false
        while !Task.isCancelled {
            let next = ContinuousClock.now + settings.heartbeat
            do throws(RegistryError) {
                try await beat(checksAnnouncements: beats % 5 == 4)
                if isAway { logger.info("Consul answers again") }
                isAway = false
            } catch {
                if !isAway, !Task.isCancelled { logger.warning("\(error)") }
                isAway = true
            }
            beats += 1
            try? await Task.sleep(until: next)
        }
    }

    /// Tells campaigners at the very moment when our word is no longer good.
    func keepFence() async {
        while !Task.isCancelled {
            try? await Task.sleep(until: lease.expiry ?? .now + settings.heartbeat)
            tellCampaigners()
            // An expiry that has passed stays so until the next heartbeat gets through.
            if let expiry = lease.expiry, expiry <= .now { try? await Task.sleep(for: settings.heartbeat / 4) }
        }
    }

    /// Takes everything of this process out of Consul, as far as Consul can be reached.
    func leave() async {
        guard let session = lease.session else { return }
        lease.lose()
        try? await client.closeSession(session)
        try? await client.deregister(service: processID)
    }

    private func beat(checksAnnouncements: Bool) async throws(RegistryError) {
        var problem: RegistryError?
        do throws(ConsulError) {
            try await prove()
            try await writeAnnouncements(checking: checksAnnouncements)
            for key in pendingReleases { try await release(key) }
        } catch {
            problem = error.forRegistry
        }
        tellCampaigners()
        do throws(RegistryError) {
            try await restoreNodes()
        } catch {
            problem = problem ?? error
        }
        if let problem { throw problem }
    }

    /// Says that we live, and notices when that came too late.
    private func prove() async throws(ConsulError) {
        guard let session = lease.session else {
            if !announced.isEmpty || !contests.isEmpty { _ = try await self.session() }
            return
        }
        let sent = ContinuousClock.now
        let isKnown = try await client.pass(check: NodeServices.check(ofService: processID))
        let stands = try await client.hasSession(session)
        guard isKnown, stands else {
            logger.warning("Consul lost this process's session; opening another", metadata: ["session": "\(session)"])
            if lease.session == session { lease.lose() }
            tellCampaigners()
            // With a check unknown here but known elsewhere, the old session would go on.
            if stands { try? await client.closeSession(session) }
            _ = try await self.session()
            return
        }
        if lease.session == session { lease.confirm(at: sent) }
    }

    private func writeAnnouncements(checking: Bool) async throws(ConsulError) {
        for key in announced.keys.sorted() {
            if checking, let under = announcedUnder[key] {
                let (pair, _) = try await client.entry(keys.stored(key))
                if pair?.session != under { announcedUnder[key] = nil }
            }
            if announcedUnder[key] == nil || announcedUnder[key] != lease.session { try await writeAnnouncement(key) }
        }
    }

    /// Writes a key under our session. One that another session holds, such as that of our dead predecessor, waits for a
    /// later heartbeat.
    private func writeAnnouncement(_ key: String) async throws(ConsulError) {
        let session = try await session()
        guard let value = announced[key] else { return }
        let isOurs = try await client.put(value, for: keys.stored(key), .acquire(session: session))
        if isOurs, announced[key] == value { announcedUnder[key] = session }
    }
}
