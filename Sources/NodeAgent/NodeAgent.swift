import ARI
import CoreMetrics
import Engines
import EventBus
import Foundation
import Logging
import NIOCore
import Registry
import ServiceLifecycle
import Telemetry

/// The agent beside one stock Asterisk: writes its configuration, keeps it running, tells the registry how it is, follows the
/// fleet's applications, routes and nodes, and publishes its events on the bus.
///
/// `run()` lasts until graceful shutdown or cancellation. It leaves nothing behind then; after an error the node's folder stays,
/// because its logs say why. Killed, it leaves Asterisk running for the next agent if ``NodeSettings/adoptsRunning`` says so.
package actor NodeAgent: Service {
    /// What makes this node different from the others.
    package nonisolated let settings: NodeSettings

    let registry: any Registry
    let logger: Logger
    let ari: ARIClient
    let outlet: EventOutlet
    /// Events of the manager interface wait apart from ARI's: however many there are, they take no place from those.
    let managerOutlet: EventOutlet
    let installation: AsteriskInstallation
    let bus: any EventBus
    let ledger: ProcessLedger
    let metrics: NodeMetrics
    let announcements: AsyncStream<NodeRecord>
    let announce: AsyncStream<NodeRecord>.Continuation
    let registrations: AsyncStream<Void>
    let applicationsChanged: AsyncStream<Void>.Continuation

    var configuration: NodeConfiguration
    var writer: ConfigurationWriter
    var pendingReloads: [String] = []
    var isReloading = false
    var incarnation = ""
    var sequenceBase: UInt64 = 0
    var health: NodeHealth
    /// What an earlier agent wrote down for us.
    let remembered: AgentState?
    /// Asterisk's process id, once it has been asked for; an older run's is not kept.
    var pid: Int32?
    var observers: Set<Int> = []
    /// Links of either kind that are up.
    var links: Set<Int> = []
    var process: SupervisedProcess?
    var server: LinkServer?
    var applicationWatchers: AsyncStream<[String]>.Continuation?

    /// - Parameter ledger: where the process is written down; outside the node's folder, and kept while the agent is away if running
    ///   processes are to be taken over.
    package init(
        settings: NodeSettings,
        installation: AsteriskInstallation,
        templates: ConfigTemplates,
        registry: any Registry,
        bus: any EventBus,
        ledger: ProcessLedger,
        metrics: PrometheusMetrics = .process,
        logger: Logger
    ) {
        var settings = settings
        remembered = settings.adoptsRunning ? AgentState.read(for: settings) : nil
        if let remembered {
            settings.ariCredentials = remembered.ariCredentials
            settings.amiCredentials = remembered.amiCredentials
        }
        self.settings = settings
        self.installation = installation
        self.registry = registry
        self.bus = bus
        self.ledger = ledger
        var logger = logger
        logger[metadataKey: "node"] = "\(settings.name)"
        self.logger = logger
        ari = ARIClient(
            baseURL: "http://\(settings.ari)/ari",
            user: settings.ariCredentials.user,
            password: settings.ariCredentials.password,
            timeout: .nanoseconds(Int64(settings.limits.probeTimeout / .nanoseconds(1)))
        )
        let rules = PublicationRules(node: settings.name, settings: settings.publishing)
        let metrics = NodeMetrics(node: settings.name, metrics)
        self.metrics = metrics
        outlet = EventOutlet(rules: rules, counter: metrics.events, logger: logger)
        managerOutlet = EventOutlet(rules: rules, limit: 8192, counter: metrics.events, logger: logger)
        (announcements, announce) = AsyncStream.makeStream(of: NodeRecord.self, bufferingPolicy: .bufferingNewest(1))
        (registrations, applicationsChanged) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        configuration = NodeConfiguration(settings: settings, installation: installation)
        writer = ConfigurationWriter(
            templates: templates,
            directory: NodeDirectories(root: settings.directory).configuration
        )
        health = NodeHealth(limits: settings.limits)
    }

    /// Runs the node.
    /// - Throws: ``EngineError`` when Asterisk cannot be set up or started; `RegistryError` when another node has the entity id.
    package func run() async throws {
        try checkSettings()
        defer { metrics.links.set(Int64(0)) }
        switch settings.process {
        case .managed: try await runManaged()
        case .attached: try await work(process: nil, isAdopted: false)
        }
    }

    private func runManaged() async throws {
        let directories = NodeDirectories(root: settings.directory)
        let process = supervisedProcess(console: directories.console)
        self.process = process
        let isAdopted = adopt(process.specification)
        if !isAdopted { try await makeRoom(in: directories) }
        try await startLinkServer(asBefore: isAdopted)
        do {
            if !isAdopted {
                // An Asterisk that starts is right from the first moment; one that runs goes on as it is until the registry answers.
                try await cancelWhenGracefulShutdown { try await self.takeSnapshot() }
                try writer.writeAll(configuration)
            }
            try await work(process: process, isAdopted: isAdopted)
        } catch is CancellationError {
            // Told to stop before anything had begun.
        } catch {
            await server?.shutDown()
            throw error
        }
        await server?.shutDown()
        directories.remove()
    }

    private func makeRoom(in directories: NodeDirectories) async throws {
        if settings.adoptsRunning { await ledger.endLeftovers(named: settings.name, logger: logger) }
        try await PortCheck.ensureFree(settings)
        // What an earlier run left would be read as this one's.
        directories.remove()
        try directories.create()
    }

    /// Everything that goes on at once; the first part to end ends all.
    private func work(process: SupervisedProcess?, isAdopted: Bool) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let process {
                group.addTask { try await process.supervise() }
                if settings.adoptsRunning { group.addTask { await self.rememberRuns(of: process) } }
            }
            group.addTask { await self.outlet.run(publishingTo: self.bus) }
            group.addTask { await self.managerOutlet.run(publishingTo: self.bus) }
            group.addTask { await self.probe() }
            group.addTask {
                if isAdopted { try await self.catchUp() }
                await self.followRegistry()
            }
            group.addTask { await self.tellApplications() }
            if let server {
                group.addTask { for await change in server.changes { await self.took(change) } }
            } else {
                group.addTask { await self.dialLinks() }
            }
            if settings.publishing.publishAMIEvents { group.addTask { await self.followAMI() } }
            group.addTask { try await gracefulShutdown() }
            // Not a child of the group: the farewell to the registry must go out although we are cancelled, and before Asterisk is
            // stopped.
            let registration = Task { try await self.keepRegistered() }
            group.addTask {
                try await withTaskCancellationHandler {
                    try await registration.value
                } onCancel: {
                    self.announce.finish()
                }
            }
            var problem = Self.problem(await group.nextResult())
            announce.finish()
            _ = await registration.result
            group.cancelAll()
            // Parts that merely follow another may end before it has said why.
            while let result = await group.nextResult() { problem = problem ?? Self.problem(result) }
            if let problem { throw problem }
        }
    }

    private static func problem(_ result: Result<Void, any Error>?) -> (any Error)? {
        guard case .failure(let error) = result, !(error is CancellationError) else { return nil }
        return error
    }

    private func supervisedProcess(console: URL) -> SupervisedProcess {
        let arguments = Array(installation.command.dropFirst())
        let file = settings.directory.appending(path: "etc/asterisk.conf").path
        let specification = ProcessSpecification(
            name: settings.name,
            executable: installation.command[0],
            arguments: arguments + ["-f", "-C", file],
            log: console,
            restart: RestartPolicy(giveUpAfter: 6),
            outlivesUs: settings.adoptsRunning
        )
        return SupervisedProcess(
            specification,
            ledger: ledger,
            logger: logger,
            willStart: { await self.asteriskStarts() },
            onExit: { exit in await self.asteriskEnded(exit) }
        )
    }

    private func asteriskStarts() {
        server?.closeLinks()
        begin(incarnation: UUID().uuidString.lowercased())
        observers = []
        // The files are up to date, and a new process reads them all.
        pendingReloads = []
        note(.processStarted)
    }

    /// Events belong to this run of Asterisk from now on.
    func begin(incarnation: String) {
        if !self.incarnation.isEmpty { metrics.restarts.increment(by: 1) }
        self.incarnation = incarnation
        sequenceBase = EventOutlet.base(after: remembered?.sequenceBase)
        outlet.begin(incarnation: incarnation, base: sequenceBase)
        managerOutlet.begin(incarnation: incarnation, base: 0)
    }

    private func asteriskEnded(_ exit: ProcessExit) {
        pid = nil
        logger.info("Asterisk \(exit)")
        note(.processExited)
    }

    private func checkSettings() throws(EngineError) {
        guard ConfigurationWords.isNode(settings.name) else {
            throw .cannotStart(name: settings.name, problem: "a node's name has only letters, digits and hyphens")
        }
        guard ConfigurationWords.isPlain(settings.nickname) else {
            throw .cannotStart(
                name: settings.name,
                problem: "the nickname \(settings.nickname) has characters of the dialplan"
            )
        }
    }
}
