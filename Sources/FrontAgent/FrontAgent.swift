import CoreMetrics
import Engines
import Foundation
import Logging
import Registry
import ServiceLifecycle
import Telemetry

/// The agent beside nginx, the one public origin: starts it, keeps it running, and keeps its servers as the registry says.
///
/// Every new configuration is checked by nginx before it is put in place; one that is rejected leaves the old one at work. While the
/// registry is away the last servers it named stay, also over a restart.
package actor FrontAgent: Service {
    nonisolated let settings: FrontSettings
    nonisolated let logger: Logger
    private let registry: any Registry
    nonisolated let templates: ConfigTemplates
    private let ledger: ProcessLedger
    private let health: Health
    let metrics: PrometheusMetrics

    var current = FrontStatus()
    private var watchers: [UUID: AsyncStream<FrontStatus>.Continuation] = [:]
    var memory: UpstreamMemory
    var silence = SilenceCount()
    var watch = NginxWatch()
    var applied: (upstreams: FrontUpstreams, generation: String)?
    private var starts = 0
    /// Generations of one run differ from those of another.
    let runID = UUID().uuidString.prefix(8).lowercased()
    var generations = 0

    /// - Parameters:
    ///   - templates: where `nginx/nginx.conf` is found.
    ///   - ledger: where the process is written down.
    ///   - health: told of nginx, its configuration and the gateways.
    package init(
        settings: FrontSettings,
        templates: ConfigTemplates,
        registry: any Registry,
        ledger: ProcessLedger,
        health: Health,
        metrics: PrometheusMetrics = .process,
        logger: Logger
    ) {
        self.settings = settings
        self.templates = templates
        self.registry = registry
        self.ledger = ledger
        self.health = health
        self.metrics = metrics
        self.logger = logger
        memory = UpstreamMemory(grace: settings.emptyGrace)
    }

    /// Where the front stands now.
    package var status: FrontStatus { current }

    /// Every status, now and after each change.
    package func statuses() -> AsyncStream<FrontStatus> {
        let (stream, continuation) = AsyncStream.makeStream(of: FrontStatus.self, bufferingPolicy: .bufferingNewest(8))
        let id = UUID()
        watchers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.forgetWatcher(id) } }
        continuation.yield(current)
        return stream
    }

    /// Runs nginx until graceful shutdown or cancellation.
    /// - Throws: ``FrontError`` or `EngineError` when nginx is missing or rejects its first configuration.
    package func run() async throws {
        let files = NginxFiles(directory: settings.directory, nginx: try NginxInstallation.find())
        try files.prepare()
        memory = UpstreamMemory(known: files.remembered(), grace: settings.emptyGrace)
        try await replaceConfiguration(memory.known, files)
        let process = SupervisedProcess(specification(files), ledger: ledger, logger: logger)

        defer { finish() }
        try await cancelWhenGracefulShutdown {
            let (nudges, nudge) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await process.supervise() }
                group.addTask { await self.follow(process) }
                for service in FrontService.allCases {
                    group.addTask { await self.follow(service, nudge: nudge) }
                }
                group.addTask { await self.watchNginx(process) }
                group.addTask { await self.watchGateways(nudge: nudge) }
                group.addTask { await self.apply(on: nudges, files) }
                defer { group.cancelAll() }
                // The first to end is the process, or the cancellation of all.
                try await group.next()
            }
        }
    }

    private func specification(_ files: NginxFiles) -> ProcessSpecification {
        ProcessSpecification(
            name: "nginx",
            executable: files.nginx,
            arguments: files.arguments,
            workingDirectory: settings.directory,
            log: settings.directory.appending(path: "error.log"),
            stopTimeout: .seconds(2)
        )
    }

    private func follow(_ process: SupervisedProcess) async {
        for await state in await process.states() {
            watch.restarted()
            switch state {
            case .running(let pid):
                starts += 1
                if starts > 1 { metrics.count(FleetMetrics.frontRestarts) }
                update { $0.pid = pid }
            case .idle, .starting, .waiting, .stopped:
                update {
                    $0.pid = nil
                    $0.phase = state == .stopped ? .stopped : .starting
                }
            }
        }
    }

    private func follow(_ service: FrontService, nudge: AsyncStream<Void>.Continuation) async {
        for await entries in await registry.changes(under: service.registryPrefix) {
            memory.learn(FrontUpstreams.servers(in: entries), of: service, at: .now)
            nudge.yield()
        }
    }

    private func finish() {
        update { $0 = FrontStatus(phase: .stopped) }
        for watcher in watchers.values { watcher.finish() }
    }

    private func forgetWatcher(_ id: UUID) { watchers.removeValue(forKey: id) }

    func update(_ change: (inout FrontStatus) -> Void) {
        let before = current
        change(&current)
        guard current != before else { return }
        health.report("nginx", problem: current.phase == .serving ? nil : "does not answer")
        health.report("configuration", problem: current.problem, impact: .none)
        health.report("gateways", problem: current.gateways.isEmpty ? "none is in the registry" : nil)
        for watcher in watchers.values { watcher.yield(current) }
    }
}
