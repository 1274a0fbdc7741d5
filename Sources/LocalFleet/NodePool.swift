import ARI
import Engines
import EventBus
import Foundation
import Logging
import NodeAgent
import Registry
import ServiceLifecycle

/// Keeps as many nodes running as the registry's ``RegistryKey/fleetSize`` says. A node that is to go drains first.
actor NodePool: Service {
    private let settings: LocalFleetSettings
    private let run: RunDirectory
    private let installation: AsteriskInstallation
    private let templates: ConfigTemplates
    private let registry: any Registry
    private let bus: any EventBus
    private let secret: String
    private let logger: Logger
    private var agents: [Int: (agent: NodeAgent, task: Task<Void, any Error>)] = [:]
    private var leaving: [Int: Task<Void, Never>] = [:]
    /// What nodes ended with, for the start; later ones are logged and the rest goes on.
    private let failures: AsyncStream<any Error>
    private let failed: AsyncStream<any Error>.Continuation

    init(
        settings: LocalFleetSettings,
        run: RunDirectory,
        installation: AsteriskInstallation,
        templates: ConfigTemplates,
        registry: any Registry,
        bus: any EventBus,
        secret: String,
        logger: Logger
    ) {
        self.settings = settings
        self.run = run
        self.installation = installation
        self.templates = templates
        self.registry = registry
        self.bus = bus
        self.secret = secret
        self.logger = logger
        (failures, failed) = AsyncStream.makeStream(of: (any Error).self, bufferingPolicy: .bufferingNewest(8))
    }

    /// Runs until graceful shutdown; then all nodes stop at once.
    /// - Throws: what a node could not start for, when the fleet starts.
    func run() async throws {
        try await registry.set(Array(String(settings.nodes).utf8), for: RegistryKey.fleetSize)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.follow() }
            group.addTask { try await gracefulShutdown() }
            let first = await group.nextResult()
            group.cancelAll()
            await stopAll()
            if case .failure(let error) = first, !(error is CancellationError) { throw error }
        }
    }

    private func follow() async throws {
        var isFirst = true
        for await entries in await registry.changes(under: RegistryKey.fleetSize) {
            guard let wanted = entries[RegistryKey.fleetSize].flatMap({ Int($0.text) }) else { continue }
            resize(to: wanted)
            if isFirst { try await firstNodesRun() }
            isFirst = false
        }
    }

    /// A node that cannot even start is an error of the whole start, not something to be tried for ever.
    private func firstNodesRun() async throws {
        let names = Set(agents.values.map(\.agent.settings.name))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [failures] in
                for await error in failures { throw error }
            }
            group.addTask { [registry] in
                for await nodes in await registry.nodeChanges() {
                    if Set(nodes.filter { $0.health == .passing }.map(\.name)).isSuperset(of: names) { return }
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func resize(to wanted: Int) {
        for number in 1...max(wanted, 1) {
            if let drain = leaving.removeValue(forKey: number) {
                drain.cancel()
                let name = settings.node(number, run: run, secret: secret).name
                Task { [registry] in try? await registry.setDraining(false, node: name) }
            } else if agents[number] == nil {
                start(number)
            }
        }
        for number in agents.keys.sorted() where number > wanted && leaving[number] == nil {
            leaving[number] = Task { await self.retire(number) }
        }
    }

    private func start(_ number: Int) {
        let agent = NodeAgent(
            settings: settings.node(number, run: run, secret: secret),
            installation: installation,
            templates: templates,
            registry: registry,
            bus: bus,
            ledger: run.ledger,
            logger: logger
        )
        agents[number] = (
            agent,
            Task {
                do {
                    try await agent.run()
                } catch {
                    guard !(error is CancellationError) else { throw error }
                    logger.error("node \(agent.settings.name) ended: \(error)")
                    failed.yield(error)
                    throw error
                }
            }
        )
    }

    /// Drains a node, waits until its last call is over, and stops it.
    private func retire(_ number: Int) async {
        guard let running = agents[number] else { return }
        let node = running.agent.settings
        logger.notice("draining \(node.name)")
        try? await registry.setDraining(true, node: node.name)
        let client = ARIClient(
            baseURL: "http://\(node.ari)/ari",
            user: node.ariCredentials.user,
            password: node.ariCredentials.password
        )
        // Twice empty: a call that was on its way when draining began may still arrive.
        var emptySince: ContinuousClock.Instant?
        while !Task.isCancelled {
            let channels = (try? await client.channels())?.count ?? 0
            if channels > 0 { emptySince = nil } else if emptySince == nil { emptySince = .now }
            if let emptySince, ContinuousClock.now - emptySince > .seconds(1) { break }
            try? await Task.sleep(for: .milliseconds(200))
        }
        guard !Task.isCancelled else { return }
        running.task.cancel()
        _ = await running.task.result
        agents[number] = nil
        leaving[number] = nil
        logger.notice("\(node.name) stopped")
    }

    private func stopAll() async {
        for task in leaving.values { task.cancel() }
        for running in agents.values { running.task.cancel() }
        for running in agents.values { _ = await running.task.result }
    }
}
