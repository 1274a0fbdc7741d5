import ARI
import Engines
import EventBus
import Foundation
import Logging
import NIOCore
import Registry
import ServiceLifecycle

/// The agent beside one stock Asterisk: writes its configuration, keeps it running, tells the registry how it is, follows the
/// fleet's applications, routes and nodes, and publishes its events on the bus.
///
/// `run()` lasts until graceful shutdown or cancellation. It leaves nothing behind then; after an error the node's folder stays,
/// because its logs say why.
package actor NodeAgent: Service {
    /// What makes this node different from the others.
    package nonisolated let settings: NodeSettings

    let registry: any Registry
    let logger: Logger
    let ari: ARIClient
    let outlet: EventOutlet
    private let installation: AsteriskInstallation
    private let templates: ConfigTemplates
    private let bus: any EventBus
    private let ledger: ProcessLedger
    let announcements: AsyncStream<NodeRecord>
    let announce: AsyncStream<NodeRecord>.Continuation

    var configuration: NodeConfiguration
    var writer: ConfigurationWriter
    var pendingReloads: [String] = []
    var isReloading = false
    var incarnation = ""
    var health: NodeHealth
    /// Asterisk's process id, once it has been asked for; an older run's is not kept.
    var pid: Int32?
    var observers: Set<Int> = []
    var process: SupervisedProcess?
    private var server: LinkServer?
    var applicationWatchers: AsyncStream<[String]>.Continuation?

    package init(
        settings: NodeSettings,
        installation: AsteriskInstallation,
        templates: ConfigTemplates,
        registry: any Registry,
        bus: any EventBus,
        ledger: ProcessLedger,
        logger: Logger
    ) {
        self.settings = settings
        self.installation = installation
        self.templates = templates
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
        outlet = EventOutlet(node: settings.name, logger: logger)
        (announcements, announce) = AsyncStream.makeStream(of: NodeRecord.self, bufferingPolicy: .bufferingNewest(1))
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
        let directories = NodeDirectories(root: settings.directory)
        try checkSettings()
        try await PortCheck.ensureFree(settings)
        // What an earlier run left would be read as this one's.
        directories.remove()
        try directories.create()
        let server = try await startLinkServer()
        let process = supervisedProcess(console: directories.console)
        self.process = process
        do {
            try await takeSnapshot()
            try writer.writeAll(configuration)
            try await work(process: process, server: server)
        } catch {
            await server?.shutDown()
            throw error
        }
        await server?.shutDown()
        directories.remove()
    }

    /// Everything that goes on at once; the first part to end ends all.
    private func work(process: SupervisedProcess, server: LinkServer?) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await process.supervise() }
            group.addTask { await self.outlet.run(publishingTo: self.bus) }
            group.addTask { await self.probe() }
            group.addTask { await self.followRegistry() }
            if let server {
                group.addTask { for await change in server.changes { await self.took(change) } }
            } else {
                group.addTask { await self.dialLinks() }
            }
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
            let first = await group.nextResult()
            announce.finish()
            _ = await registration.result
            group.cancelAll()
            while await group.nextResult() != nil {}
            if case .failure(let error) = first, !(error is CancellationError) { throw error }
        }
    }

    private func supervisedProcess(console: URL) -> SupervisedProcess {
        let arguments = Array(installation.command.dropFirst())
        let file = settings.directory.appending(path: "etc/asterisk.conf").path
        let specification = ProcessSpecification(
            name: settings.name,
            executable: installation.command[0],
            arguments: arguments + ["-f", "-C", file],
            log: console,
            restart: RestartPolicy(giveUpAfter: 6)
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
        incarnation = UUID().uuidString.lowercased()
        outlet.begin(incarnation: incarnation)
        observers = []
        // The files are up to date, and a new process reads them all.
        pendingReloads = []
        note(.processStarted)
    }

    private func asteriskEnded(_ exit: ProcessExit) {
        pid = nil
        logger.info("Asterisk \(exit)")
        note(.processExited)
    }

    private func startLinkServer() async throws -> LinkServer? {
        let outbound =
            switch settings.link {
            case .automatic: installation.version.hasOutboundWebSockets
            case .outbound: true
            case .inbound: false
            }
        guard outbound else { return nil }
        let credentials = Credentials(user: settings.name, password: NodeSettings.secret())
        let server = LinkServer(credentials: credentials, onText: { [outlet] in outlet.accept($0) })
        configuration.link = .init(port: try await server.start(), credentials: credentials)
        self.server = server
        return server
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
