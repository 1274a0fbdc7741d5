import Apps
import EdgeAgent
import Engines
import EventBus
import Foundation
import Gateway
import Logging
import NodeAgent
import Operator
import Registry
import ServiceLifecycle
import UnixSignals
import VoiceApp

/// A whole fleet in one process: embedded registry and bus, nodes, edge, gateway and the two demo applications, with the
/// engines supervised.
package struct LocalFleet: Sendable {
    /// The applications of the demo and the numbers that reach them.
    package static let demoRoutes = ["8001": "tts", "7001": "conference"]
    /// The subscriber of the local demo.
    package static let demoSubscriber = Credentials(user: "demo", password: "demo")

    private let settings: LocalFleetSettings
    private let logger: Logger
    private let screen: Screen

    /// - Parameter screen: shows people the progress, the table, and one line per call event.
    package init(settings: LocalFleetSettings, logger: Logger, screen: Screen) {
        self.settings = settings
        self.logger = logger
        self.screen = screen
    }

    /// Runs until graceful shutdown and leaves nothing behind.
    /// - Parameter whenReady: called once when calls can be made; when it returns, the fleet stops. Nil runs on.
    /// - Throws: ``LocalFleetError``, `EngineError`, `RegistryError`, each with a message for people.
    package func run(whenReady: (@Sendable (FleetConnection) async throws -> Void)? = nil) async throws {
        var settings = settings
        if let listen = settings.listen { settings.listen = try ListenAddress.resolve(listen) }
        let preflight = Preflight(settings: settings, onProgress: screen.line)
        let run = try await RunDirectory(stateDirectory: settings.stateDirectory, logger: logger)
        defer { run.remove() }
        let installation = try await preflight.prepareEngines()
        try await preflight.checkPorts()
        let templates = try ConfigTemplates.locate(explicit: settings.configDirectory)
        let registry = try EmbeddedRegistry(file: settings.stateDirectory.appending(path: "registry.json"))
        if settings.demo {
            try await addDemo(to: registry, realm: settings.realm)
            if let listen = settings.listen {
                screen.line(
                    "note: whoever reaches \(listen) can register as demo/demo; --no-demo leaves that account out"
                )
            }
        }
        let connection = FleetConnection(
            url: "http://\(settings.gateway)",
            user: "operator",
            password: NodeSettings.secret(),
            edge: settings.sip.description
        )
        try connection.write(in: settings.stateDirectory)

        let secret = NodeSettings.secret()
        let bus = EmbeddedBus()
        let edge = EdgeAgent(
            settings: edgeSettings(settings, run: run, secret: secret),
            templates: templates,
            registry: registry,
            ledger: run.ledger,
            logger: logger
        )
        var services: [any Service] = [
            Gateway(
                settings: GatewaySettings(
                    address: settings.gateway,
                    ariUsers: [settings.ariUser],
                    operators: [Credentials(user: connection.user, password: connection.password)]
                ),
                registry: registry,
                bus: bus,
                logger: logger
            ),
            NodePool(
                settings: settings,
                run: run,
                installation: installation,
                templates: templates,
                registry: registry,
                bus: bus,
                secret: secret,
                logger: logger
            ),
            edge,
        ]
        if settings.demo { services += demoApps(settings) }
        let board = StatusBoard(
            settings: settings,
            registry: registry,
            edge: edge,
            screen: screen
        )
        services += [CallNarrator(bus: bus, say: screen.line), board]
        if let whenReady {
            services.append(ReadyAction(board: board) { try await whenReady(connection) })
        }
        try await group(services).run()
        bus.shutDown()
    }

    private func group(_ services: [any Service]) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                // The action at readiness ends, and with it the fleet.
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(15)
        return ServiceGroup(configuration: configuration)
    }

    private func addDemo(to registry: EmbeddedRegistry, realm: String) async throws {
        for (number, application) in Self.demoRoutes where await registry.entry(RegistryKey.route(number)) == nil {
            try await registry.set(Array(application.utf8), for: RegistryKey.route(number))
        }
        let demo = Self.demoSubscriber
        guard await registry.entry(RegistryKey.subscriber(demo.user)) == nil else { return }
        let record = SubscriberRecord(
            ha1: SIPDigest.ha1(user: demo.user, realm: realm, password: demo.password),
            realm: realm
        )
        try await registry.set(Array(try JSONEncoder().encode(record)), for: RegistryKey.subscriber(demo.user))
    }

    private func edgeSettings(_ settings: LocalFleetSettings, run: RunDirectory, secret: String) -> EdgeSettings {
        var edge = EdgeSettings(fleetSecret: secret, directory: run.directory.appending(path: "kamailio"))
        edge.sipPort = settings.sip.port
        edge.rpcPort = settings.rpc.port
        edge.listenAddress = settings.listen
        edge.realm = settings.realm
        edge.balancing = settings.balancing
        return edge
    }

    private func demoApps(_ settings: LocalFleetSettings) -> [any Service] {
        let speech = settings.speechCommand.map { CommandSpeechSynthesizer(command: $0) } ?? CommandSpeechSynthesizer()
        let sounds = SoundServer(
            cache: SpeechCache(synthesizer: speech),
            host: settings.sound.host,
            port: settings.sound.port,
            logger: logger
        )
        let apps: [any VoiceApp] = [TextToSpeech(), Conference()]
        return [sounds]
            + apps.map {
                VoiceAppRunner(
                    $0,
                    gateway: "http://\(settings.gateway)/ari",
                    user: settings.ariUser.user,
                    password: settings.ariUser.password,
                    sounds: sounds,
                    logger: logger
                )
            }
    }
}

/// Does one thing when the fleet is ready.
private struct ReadyAction: Service {
    let board: StatusBoard
    let action: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            await board.waitUntilReady()
            try Task.checkCancellation()
            try await action()
        }
    }
}
