import Engines
import Foundation
import Logging
import Registry
import ServiceLifecycle
import Telemetry

/// The agent beside Kamailio: starts it, keeps it running, and keeps its nodes, routes and subscribers as the registry says.
///
/// Kamailio's script is rendered once. Everything that changes goes over RPC, and lives in Kamailio's memory only; so the
/// agent compares desired with actual at each change of the registry, at each start of Kamailio, and every few seconds. Killed, it
/// leaves Kamailio running for the next agent if ``EdgeSettings/adoptsRunning`` says so.
package actor EdgeAgent: Service {
    nonisolated let settings: EdgeSettings
    let registry: any Registry
    let logger: Logger
    nonisolated let rpc: KamailioRPC

    private let templates: ConfigTemplates
    private let ledger: ProcessLedger
    let metrics: EdgeMetrics
    private let secrets: KamailioSecrets
    private var current = EdgeStatus()
    private var watchers: [UUID: AsyncStream<EdgeStatus>.Continuation] = [:]

    /// - Parameters:
    ///   - templates: where `kamailio/kamailio.cfg` is found.
    ///   - ledger: where the process is written down.
    package init(
        settings: EdgeSettings,
        templates: ConfigTemplates,
        registry: any Registry,
        ledger: ProcessLedger,
        metrics: PrometheusMetrics = .process,
        logger: Logger
    ) {
        self.settings = settings
        self.templates = templates
        self.registry = registry
        self.ledger = ledger
        self.metrics = EdgeMetrics(metrics)
        self.logger = logger
        secrets = settings.adoptsRunning ? .read(in: settings.directory) : KamailioSecrets()
        rpc = KamailioRPC(port: settings.rpcPort, secret: secrets.rpc)
    }

    /// Where the edge stands now.
    package var status: EdgeStatus { current }

    /// Every status, now and after each change.
    package func statuses() -> AsyncStream<EdgeStatus> {
        let (stream, continuation) = AsyncStream.makeStream(of: EdgeStatus.self, bufferingPolicy: .bufferingNewest(8))
        let id = UUID()
        watchers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forgetWatcher(id) } }
        continuation.yield(current)
        return stream
    }

    /// The phones that are registered now.
    /// - Throws: ``KamailioRPCError``.
    package func registrations() async throws -> [Registration] { try await rpc.registrations() }

    /// Runs Kamailio until graceful shutdown or cancellation.
    /// - Throws: ``EdgeError`` or `EngineError` when Kamailio is missing or rejects its script.
    package func run() async throws {
        guard let kamailio = Command.find("kamailio") else {
            throw EngineError.programNotFound("kamailio", package: "kamailio")
        }
        if settings.sipAddress == "0.0.0.0" || settings.sipAddress == "::", settings.advertisedAddress == nil {
            throw EdgeError.unusableSettings(
                "SIP on \(settings.sipAddress) needs an advertised address, by which phones and nodes reach it"
            )
        }
        try FileManager.default.createDirectory(at: settings.directory, withIntermediateDirectories: true)
        try await writeFirstSeed()
        if settings.adoptsRunning { try secrets.write(in: settings.directory) }
        let script = try KamailioScript(
            templates: templates,
            settings: settings,
            rpcSecret: secrets.rpc,
            topologyKey: secrets.topologyKey,
            dispatcherList: seedPath
        )
        let specification = specification(kamailio, script)
        if settings.adoptsRunning, !script.isAsBefore {
            // It works by another script, with ports or secrets that are no longer ours.
            await ledger.endLeftovers(named: specification.name, logger: logger)
        }
        try await script.check(kamailio: kamailio)
        let process = SupervisedProcess(specification, ledger: ledger, logger: logger)

        defer { finish() }
        try await cancelWhenGracefulShutdown {
            let (nudges, nudge) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await process.supervise() }
                group.addTask { await self.follow(process, nudge: nudge) }
                group.addTask { await self.watchRegistry(nudge: nudge) }
                group.addTask { await self.tick(nudge: nudge) }
                group.addTask { await self.reconcile(on: nudges, nudge: nudge) }
                defer { group.cancelAll() }
                // The first to end is the process, or the cancellation of all.
                try await group.next()
            }
        }
    }

    func update(_ change: (inout EdgeStatus) -> Void) {
        let before = current
        change(&current)
        guard current != before else { return }
        metrics.show(current)
        for watcher in watchers.values { watcher.yield(current) }
    }

    /// The list file is read when Kamailio starts: after a crash the nodes are there before we are.
    func writeSeed(of nodes: [NodeRecord]) throws(EdgeError) {
        let lines = nodes.compactMap { DesiredDestination($0, maximumCalls: settings.maximumCallsPerNode)?.listLine }
        try PrivateFile.write(lines.joined(separator: "\n") + "\n", to: seedPath)
    }

    /// While the registry is away, what an earlier agent wrote is the best we know.
    private func writeFirstSeed() async throws(EdgeError) {
        do {
            let nodes = try await registry.nodes()
            try writeSeed(of: nodes)
        } catch let error as RegistryError {
            logger.warning("the nodes are not known yet: \(error)")
            if !FileManager.default.fileExists(atPath: seedPath) { try writeSeed(of: []) }
        } catch let error as EdgeError {
            throw error
        } catch {
            throw .fileSystem(path: seedPath, problem: "\(error)")
        }
    }

    private var seedPath: String { settings.directory.appending(path: "dispatcher.list").path }

    func specification(_ kamailio: String, _ script: KamailioScript) -> ProcessSpecification {
        ProcessSpecification(
            name: "kamailio",
            executable: kamailio,
            // In the foreground, logging to standard error.
            arguments: ["-f", script.path, "-DD", "-E", "-m", "\(settings.sharedMemory)", "-M", "8"],
            workingDirectory: settings.directory,
            log: settings.directory.appending(path: "kamailio.log"),
            outlivesUs: settings.adoptsRunning,
            liveness: LivenessProbe(grace: .seconds(10)) { [rpc] in await rpc.isAnswering() }
        )
    }

    private func follow(_ process: SupervisedProcess, nudge: AsyncStream<Void>.Continuation) async {
        for await state in await process.states() {
            switch state {
            case .running(let pid):
                update { $0.pid = pid }
                nudge.yield()
            case .idle, .starting, .waiting, .stopped:
                update { $0 = EdgeStatus(phase: state == .stopped ? .stopped : .starting) }
            }
        }
    }

    private func finish() {
        update { $0 = EdgeStatus(phase: .stopped) }
        for watcher in watchers.values { watcher.finish() }
    }

    private func forgetWatcher(_ id: UUID) { watchers.removeValue(forKey: id) }
}
