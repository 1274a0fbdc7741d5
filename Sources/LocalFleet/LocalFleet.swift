import Engines
import EventBus
import Foundation
import Logging
import Operator
import Registry
import ServiceLifecycle
import UnixSignals

/// A whole fleet on one machine: nodes, edge, gateway and the two demo applications, with the engines supervised. In one process with
/// the embedded registry and bus, or as the processes of a cluster with Consul, RabbitMQ and nginx.
package struct LocalFleet: Sendable {
    /// How long an orderly stop may take.
    private static let stopTime = Duration.seconds(15)

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
        let engines = settings.cluster ? try await preflight.prepareCluster() : nil
        try await preflight.checkPorts()
        if settings.demo, let listen = settings.listen {
            screen.line("note: whoever reaches \(listen) can register as demo/demo; --no-demo leaves that account out")
        }
        let connection = FleetConnection(
            url: "http://\(settings.gateway)",
            user: "operator",
            password: RandomSecret.make(),
            edge: settings.sip.description
        )
        try connection.write(in: settings.stateDirectory)

        let parts =
            if let engines {
                try ClusterParts(settings: settings, run: run, engines: engines, operator: connection, logger: logger)
                    .make()
            } else {
                try await EmbeddedParts(
                    settings: settings,
                    run: run,
                    installation: installation,
                    operator: connection,
                    logger: logger
                ).make()
            }
        let board = StatusBoard(settings: settings, registry: parts.registry, screen: screen)
        var services = parts.services
        services += [CallNarrator(bus: parts.bus, say: screen.line), board]
        if let whenReady {
            services.append(ReadyAction(board: board) { try await whenReady(connection) })
        }
        try await group(services).run()
        await parts.bus.shutDown()
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
        configuration.maximumGracefulShutdownDuration = Self.stopTime
        return ServiceGroup(configuration: configuration)
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
