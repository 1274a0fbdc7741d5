import Fleet
import Foundation
import Logging
import Registry

/// Keeps applications registered on the nodes while a client holds them on any gateway, and a little longer, so that a client
/// that connects again misses no call.
///
/// `holders/<application>/<gateway>` says on which gateways sockets are open; `socket-applications/<application>` marks what
/// sockets registered: what others put below `applications/` is never removed here.
actor Applications {
    private let registry: any Registry
    private let directory: FleetDirectory
    private let hub: EventHub
    private let subscriptions: Subscriptions
    private let filters: EventFilters
    private let settings: GatewaySettings
    private let logger: Logger
    private var leaving: [String: Task<Void, Never>] = [:]
    /// What sockets here hold, and since when as ``ApplicationHolders`` counts.
    private var own: [String: UInt64] = [:]
    private var holders = ApplicationHolders()

    init(
        registry: any Registry,
        directory: FleetDirectory,
        hub: EventHub,
        subscriptions: Subscriptions,
        filters: EventFilters,
        settings: GatewaySettings,
        logger: Logger
    ) {
        self.registry = registry
        self.directory = directory
        self.hub = hub
        self.subscriptions = subscriptions
        self.filters = filters
        self.settings = settings
        self.logger = logger
    }

    /// Registers applications for a socket and waits, bounded, until every node that takes calls has them.
    func register(_ wish: SocketWish) async {
        let applications = wish.applications
        for application in applications {
            leaving.removeValue(forKey: application)?.cancel()
            do {
                try await claim(application, for: wish.group)
                try await mark(application)
            } catch {
                logger.error(
                    "application not registered",
                    metadata: ["application": "\(application)", "error": "\(error)"]
                )
            }
        }
        await waitUntilEverywhere(applications)
        guard wish.hearsAll else { return }
        for application in applications { await subscriptions.subscribeToAll(application) }
    }

    /// Registers an application for whoever reads the bus; it stays until it is unregistered.
    func registerForBus(_ application: String) async throws(RegistryError) {
        try await registry.remove(RegistryKey.socketApplication(application))
        try await registry.set(Array(application.utf8), for: RegistryKey.application(application))
        await waitUntilEverywhere([application])
    }

    /// Unregisters an application, or leaves it to the sockets that hold it.
    func unregisterForBus(_ application: String) async throws(RegistryError) {
        guard try await registry.entry(RegistryKey.application(application)) != nil else { return }
        if try await isHeldAnywhere(application) {
            try await registry.set([], for: RegistryKey.socketApplication(application))
        } else {
            await endWishes(of: application)
            try await registry.remove(RegistryKey.application(application))
            try await registry.remove(RegistryKey.socketApplication(application))
        }
    }

    /// What an application was subscribed to, and did not want to hear, ends with it.
    private func endWishes(of application: String) async {
        await subscriptions.end(application)
        await filters.end(application)
    }

    /// A socket has them now: what a socket that closed meanwhile gave up is claimed again.
    func opened(_ applications: [String]) async {
        for application in applications {
            leaving.removeValue(forKey: application)?.cancel()
            if own[application] == nil, hub.isHeld(application) {
                try? await claim(application, for: hub.group(of: application))
            }
        }
    }

    /// Registers again what sockets here hold, should the registry have lost it.
    func restore(missingFrom registered: Set<String>) async {
        for application in own.keys.filter({ !registered.contains($0) && hub.isHeld($0) }) {
            try? await mark(application)
        }
    }

    /// Gives up what a client claimed that went away before its socket was open.
    func tidy() async {
        let oldest = UInt64(Date().timeIntervalSince1970 * 1000) - 10_000
        await release(own.filter { $0.value < oldest && !hub.isHeld($0.key) }.keys.sorted())
    }

    /// The last socket of these applications here has closed.
    func release(_ applications: [String]) async {
        for application in applications where !hub.isHeld(application) {
            await disclaim(application)
            leaving[application]?.cancel()
            // Owned by `leaving`: cancelled when the application comes back or the gateway stops.
            leaving[application] = Task { [settings] in
                try? await Task.sleep(for: settings.applicationLinger)
                if !Task.isCancelled { await self.unregister(application) }
            }
        }
    }

    /// The gateway that gives out the calls of these applications to a group of workers.
    /// - Returns: nil when this one does, or none does yet.
    func leader(of group: String, sharing applications: [String]) async -> String? {
        var entries: [String: String] = [:]
        for application in applications {
            guard let claims = try? await claims(of: application) else { return nil }
            entries.merge(claims) { $1 }
        }
        let leader = ApplicationHolders(entries).leader(of: group, sharing: applications)
        return leader == settings.name ? nil : leader
    }

    /// Takes in who holds what; gives up what a newer socket on another gateway has taken over.
    /// - Returns: what is lost, for the sockets here to be told.
    func follow(_ entries: [String: RegistryEntry]) async -> [LostApplication] {
        holders = ApplicationHolders(
            Dictionary(
                entries.map { (String($0.key.dropFirst(RegistryKey.holders.count)), $0.value.text) },
                uniquingKeysWith: { $1 }
            )
        )
        hub.note(leaders: holders.leaders)
        // First from the sockets: what they hold, they would claim again.
        let lost = holders.lost(by: settings.name, own: own).map { application in
            let group = hub.group(of: application)
            let isShared = group != nil && group == holders.group(of: application)
            return LostApplication(name: application, formers: hub.takeAway(application), isShared: isShared)
        }
        for application in lost { await disclaim(application.name) }
        return lost
    }

    /// What some gateway holds.
    var held: Set<String> { Set(holders.claims.keys).union(own.keys) }

    /// Gives up what sockets here hold and unregisters at once what is only lingering.
    func stop() async {
        for application in own.keys { await disclaim(application) }
        for (application, task) in leaving {
            task.cancel()
            await unregister(application)
        }
    }

    /// Removes an application that sockets registered, unless some gateway holds it.
    func unregister(_ application: String) async {
        leaving[application] = nil
        guard !hub.isHeld(application), (try? await isHeldAnywhere(application)) == false,
            (try? await registry.entry(RegistryKey.socketApplication(application))) != nil
        else { return }
        await endWishes(of: application)
        // It may have come back meanwhile.
        guard !hub.isHeld(application), (try? await isHeldAnywhere(application)) == false else { return }
        try? await registry.remove(RegistryKey.application(application))
        try? await registry.remove(RegistryKey.socketApplication(application))
    }

    private func claim(_ application: String, for group: String?) async throws(RegistryError) {
        let now = UInt64(Date().timeIntervalSince1970 * 1000)
        let since = ApplicationHolders(try await claims(of: application)).next(for: application, now: now)
        own[application] = since
        let claim = ApplicationHolders.Claim(gateway: settings.name, since: since, group: group)
        let key = RegistryKey.holders(of: application) + settings.name
        try await registry.announce(Array(claim.text.utf8), for: key)
    }

    /// `<application>/<gateway>` -> the text of the claim.
    private func claims(of application: String) async throws(RegistryError) -> [String: String] {
        let known = try await registry.entries(under: RegistryKey.holders(of: application))
        return Dictionary(
            known.map { (String($0.key.dropFirst(RegistryKey.holders.count)), $0.value.text) },
            uniquingKeysWith: { $1 }
        )
    }

    private func disclaim(_ application: String) async {
        guard own.removeValue(forKey: application) != nil else { return }
        try? await registry.remove(RegistryKey.holders(of: application) + settings.name)
    }

    /// Marked first: a gateway that stops in between leaves a mark without an application, which does no harm.
    private func mark(_ application: String) async throws(RegistryError) {
        guard try await registry.entry(RegistryKey.application(application)) == nil else { return }
        try await registry.set([], for: RegistryKey.socketApplication(application))
        _ = try await registry.compareAndSet(
            Array(application.utf8),
            for: RegistryKey.application(application),
            expected: nil
        )
    }

    private func isHeldAnywhere(_ application: String) async throws(RegistryError) -> Bool {
        try await !registry.entries(under: RegistryKey.holders(of: application)).isEmpty
    }

    private func waitUntilEverywhere(_ applications: [String]) async {
        let deadline = ContinuousClock.now + settings.applicationTimeout
        while !isEverywhere(applications), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func isEverywhere(_ applications: [String]) -> Bool {
        directory.read { state in
            state.mirrors.values.allSatisfy { mirror in applications.allSatisfy(mirror.applications.contains) }
        }
    }
}

/// An application that sockets on another gateway have taken over.
struct LostApplication: Sendable {
    var name: String
    /// The sockets that had it here.
    var formers: [EventSocket]
    /// Whether the others are workers of the group that had it here.
    var isShared: Bool
}
