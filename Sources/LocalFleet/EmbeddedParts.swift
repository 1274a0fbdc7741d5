import Access
import Apps
import EdgeAgent
import Engines
import EventBus
import Foundation
import Gateway
import Logging
import Operator
import Registry
import Roles
import ServiceLifecycle
import Telemetry
import VoiceApp

/// A fleet in one process: embedded registry and bus, and every role as a service.
struct EmbeddedParts {
    let settings: LocalFleetSettings
    let run: RunDirectory
    let installation: AsteriskInstallation
    let `operator`: FleetConnection
    let logger: Logger

    func make() async throws -> FleetParts {
        let templates = try ConfigTemplates.locate(explicit: settings.configDirectory)
        let registry = try EmbeddedRegistry(lasting: settings.lastingKeys)
        if settings.demo {
            try await DemoContent(registry: registry, realm: settings.realm, logger: logger).put()
        }
        let bus = EmbeddedBus()
        let secret = RandomSecret.make()
        let edge = EdgeAgent(
            settings: edgeSettings(secret: secret),
            templates: templates,
            registry: registry,
            ledger: run.ledger,
            logger: logger
        )
        let nodes = EmbeddedNodes(
            settings: settings,
            run: run,
            installation: installation,
            templates: templates,
            registry: registry,
            bus: bus,
            secret: secret,
            logger: logger
        )
        let gateway = GatewaySettings(
            address: settings.gateway,
            ariUsers: [settings.ariUser],
            operators: [Credentials(user: `operator`.user, password: `operator`.password)]
        )
        let documents = APIDocumentation(
            configDirectory: settings.configDirectory,
            stateDirectory: settings.stateDirectory,
            logger: logger
        )
        var services = GatewayRole.services(
            settings: gateway,
            registry: registry,
            bus: bus,
            health: Health(role: "gateway", name: gateway.name),
            documents: documents,
            tokens: TokenCache(TokenClient([try AuthAddress("http://\(settings.auth)")])),
            logger: logger
        )
        let others: [any Service] = [
            NodePool(size: settings.nodes, launcher: nodes, registry: registry, logger: logger),
            EdgeAnnouncement(of: edge, registry: registry, logger: logger),
            edge,
        ]
        services += others
        services += try EmbeddedServices(
            settings: settings,
            registry: registry,
            bus: bus,
            documents: documents,
            logger: logger
        ).make()
        if settings.demo { services += demoApps() }
        return FleetParts(registry: registry, bus: bus, services: services)
    }

    private func edgeSettings(secret: String) -> EdgeSettings {
        var edge = EdgeSettings(fleetSecret: secret, directory: run.directory.appending(path: "kamailio"))
        edge.sipPort = settings.sip.port
        edge.rpcPort = settings.rpc.port
        edge.listenAddress = settings.listen
        edge.realm = settings.realm
        edge.balancing = settings.balancing
        return edge
    }

    private func demoApps() -> [any Service] {
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
