import ARI
import Logging
import Registry
import ServiceLifecycle

/// Keeps as many nodes running as the registry's ``RegistryKey/fleetSize`` says. A node that is to go drains first.
actor NodePool: Service {
    private let size: Int
    private let launcher: any NodeLauncher
    private let registry: any Registry
    private let logger: Logger
    private var running: [Int: Task<Void, any Error>] = [:]
    private var leaving: [Int: Task<Void, Never>] = [:]
    private var returning: [Int: Task<Void, Never>] = [:]
    /// What nodes ended with, for the start; later ones are logged and the rest goes on.
    private let failures: AsyncStream<any Error>
    private let failed: AsyncStream<any Error>.Continuation

    /// - Parameter size: how many nodes there are at first.
    init(size: Int, launcher: any NodeLauncher, registry: any Registry, logger: Logger) {
        self.size = size
        self.launcher = launcher
        self.registry = registry
        self.logger = logger
        (failures, failed) = AsyncStream.makeStream(of: (any Error).self, bufferingPolicy: .bufferingNewest(8))
    }

    /// Runs until graceful shutdown; then all nodes stop at once.
    /// - Throws: what a node could not start for, when the fleet starts.
    func run() async throws {
        try await registry.set(Array(String(size).utf8), for: RegistryKey.fleetSize)
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
        let names = Set(running.keys.map(launcher.name(of:)))
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
                returning[number] = Task { await self.undrain(launcher.name(of: number)) }
            } else if running[number] == nil {
                start(number)
            }
        }
        for number in running.keys.sorted() where number > wanted && leaving[number] == nil {
            returning.removeValue(forKey: number)?.cancel()
            leaving[number] = Task { await self.retire(number) }
        }
    }

    private func start(_ number: Int) {
        running[number] = Task {
            do {
                try await launcher.run(number)
            } catch {
                guard !(error is CancellationError) else { throw error }
                logger.error("node \(launcher.name(of: number)) ended: \(error)")
                failed.yield(error)
                throw error
            }
        }
    }

    /// Drains a node, waits until its last call is over, and stops it.
    private func retire(_ number: Int) async {
        guard let task = running[number] else { return }
        let name = launcher.name(of: number)
        logger.notice("draining \(name)")
        var wait = DrainWait()
        while !Task.isCancelled {
            // The registry may be away when a node is to go.
            if !wait.isMarked { wait.isMarked = (try? await registry.setDraining(true, node: name)) != nil }
            if wait.mayStop(await occupancy(of: name), at: .now) { break }
            try? await Task.sleep(for: .milliseconds(200))
        }
        guard !Task.isCancelled else { return }
        task.cancel()
        _ = await task.result
        running[number] = nil
        leaving[number] = nil
        logger.notice("\(name) stopped")
    }

    /// A node that was to go stays.
    private func undrain(_ name: String) async {
        while !Task.isCancelled {
            if (try? await registry.setDraining(false, node: name)) != nil { return }
            try? await Task.sleep(for: .milliseconds(500))
        }
    }

    private func occupancy(of name: String) async -> DrainWait.Occupancy {
        guard let nodes = try? await registry.nodes() else { return .unknown }
        guard let node = nodes.first(where: { $0.name == name }) else { return .gone }
        let client = ARIClient(
            baseURL: "http://\(node.ari)/ari",
            user: node.ariCredentials.user,
            password: node.ariCredentials.password
        )
        return (try? await client.channels.list()).map { .channels($0.count) } ?? .unknown
    }

    private func stopAll() async {
        for task in leaving.values { task.cancel() }
        for task in returning.values { task.cancel() }
        for task in running.values { task.cancel() }
        for task in running.values { _ = await task.result }
    }
}
