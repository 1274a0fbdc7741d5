import CoreMetrics
import Foundation
import Logging
import Registry

/// Comparing what Kamailio holds with what the registry says, and mending the difference.
extension EdgeAgent {
    /// Delay before another try while Kamailio does not answer yet; it starts in a fraction of a second.
    private static let retryDelay = Duration.milliseconds(100)
    /// The same while the registry is away.
    private static let registryDelay = Duration.seconds(1)

    /// Kamailio writes several lines about each malformed message; what it says at its start is worth reading, that is not.
    private static let hush = KamailioCommand("cfg.set_now_int", ["core", "debug", -2])

    func watchRegistry(nudge: AsyncStream<Void>.Continuation) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [registry] in
                for await _ in await registry.nodeChanges() { nudge.yield() }
            }
            for prefix in [RegistryKey.routes, RegistryKey.subscribers] {
                group.addTask { [registry] in
                    for await _ in await registry.changes(under: prefix) { nudge.yield() }
                }
            }
        }
    }

    func tick(nudge: AsyncStream<Void>.Continuation) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: settings.reconcileInterval)
            nudge.yield()
        }
    }

    /// The only place that writes to Kamailio, one pass at a time.
    func reconcile(on nudges: AsyncStream<Void>, nudge: AsyncStream<Void>.Continuation) async {
        var lastComplaint: String?
        for await _ in nudges where status.pid != nil {
            do {
                try await reconcileOnce()
                metrics.reconciled.increment(by: 1)
                lastComplaint = nil
            } catch {
                if Task.isCancelled { return }
                metrics.failed.increment(by: 1)
                // Silence at a start is normal, and one complaint about a lasting trouble is enough.
                if error is RegistryError { await serveAsFilled() }
                let complaint = "\(error)"
                if status.phase == .serving, complaint != lastComplaint {
                    logger.warning("the edge is not up to date: \(complaint)")
                    lastComplaint = complaint
                }
                try? await Task.sleep(for: error is RegistryError ? Self.registryDelay : Self.retryDelay)
                nudge.yield()
            }
        }
    }

    /// Who may call comes first, what can be called next, then where it goes; last, the word that all is there.
    func reconcileOnce() async throws {
        let pid = status.pid
        try await reconcile(table: "subscribers", with: subscribers())
        try await reconcile(table: "routes", with: routes())
        let nodes = try await registry.nodes()
        try await reconcile(nodes)
        let open = nodes.filter(\.takesCalls).map { ($0.name, "sip:\($0.sip)") }
        try await reconcile(table: "nodes", with: Dictionary(open) { first, _ in first })
        try await reconcile(table: "edge", with: ["ready": "1"])
        try writeSeed(of: nodes)
        try await examine(pid)
    }

    /// A Kamailio that has been filled serves, though nobody knows whether it is up to date.
    private func serveAsFilled() async {
        let pid = status.pid
        guard (try? await rpc.table("edge"))?["ready"] == "1" else { return }
        try? await examine(pid)
    }

    private func examine(_ pid: Int32?) async throws {
        let active = try await rpc.destinations().count(where: \.takesCalls)
        let registrations = try await rpc.registrations().count
        if status.phase != .serving, settings.logLevel <= 0 { try await rpc.run(Self.hush) }
        guard status.pid == pid else { return }
        update {
            $0.phase = .serving
            $0.activeNodes = active
            $0.registrations = registrations
        }
    }

    private func reconcile(_ nodes: [NodeRecord]) async throws {
        let desired = nodes.compactMap { DesiredDestination($0, maximumCalls: settings.maximumCallsPerNode) }
        let plan = DispatcherPlan(desired: desired, actual: try await rpc.destinations())
        for operation in plan.operations {
            logger.debug("dispatcher: \(operation)")
            try await rpc.run(operation.command)
        }
    }

    private func reconcile(table: String, with desired: [String: String]) async throws {
        let plan = TablePlan(desired: desired, actual: try await rpc.table(table))
        for operation in plan.operations { try await rpc.run(operation.command(table: table)) }
    }

    private func routes() async throws -> [String: String] {
        var routes: [String: String] = [:]
        for (key, entry) in try await registry.entries(under: RegistryKey.routes) {
            routes[String(key.dropFirst(RegistryKey.routes.count))] = entry.text
        }
        return routes
    }

    /// Accounts whose digest was made for our realm; another realm's digest can never match.
    private func subscribers() async throws -> [String: String] {
        var digests: [String: String] = [:]
        for (key, entry) in try await registry.entries(under: RegistryKey.subscribers) {
            guard let record = try? JSONDecoder().decode(SubscriberRecord.self, from: Data(entry.value)),
                record.realm == settings.realm
            else {
                logger.debug("\(key) is left out: not a subscriber of the realm \(settings.realm)")
                continue
            }
            digests[String(key.dropFirst(RegistryKey.subscribers.count))] = record.ha1
        }
        return digests
    }
}
