import Engines
import Foundation
import Logging
import RabbitMQBus
import Synchronization

/// A RabbitMQ of the tests' own.
package struct LiveBroker: Sendable {
    /// A suite's broker.
    @TaskLocal package static var assigned: LiveBroker?

    /// The broker of the suite that runs.
    package static var current: LiveBroker {
        get throws {
            guard let assigned else {
                throw EngineError.cannotStart(name: "rabbitmq", problem: "the suite has no broker")
            }
            return assigned
        }
    }

    /// How it is set up.
    package let broker: RabbitMQBroker
    private let process: SupervisedProcess

    /// Runs a broker while `body` does; installs it where it is missing.
    package static func run(_ body: @Sendable (LiveBroker) async throws -> Void) async throws {
        let installation = try await RabbitMQInstallation.prepare()
        let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-rabbitmq-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let ports = try await freePorts(3)
        let broker = RabbitMQBroker(
            directory: folder,
            port: ports[0],
            distributionPort: ports[1],
            epmdPort: ports[2],
            password: UUID().uuidString.filter(\.isLetter) + "x"
        )
        try broker.writeFiles(for: installation)
        let process = SupervisedProcess(
            broker.specification(),
            ledger: ProcessLedger(directory: folder.appending(path: "processes")),
            logger: Logger(label: "rabbitmq") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await process.supervise() }
            let live = LiveBroker(broker: broker, process: process)
            try await live.untilReachable()
            try await body(live)
            group.cancelAll()
        }
    }

    /// Settings for a bus on this broker.
    package func settings(name: String, consumer: String? = nil) throws -> RabbitMQSettings {
        var settings = RabbitMQSettings(
            brokers: [try BrokerAddress(url: broker.url)],
            connectionName: name,
            consumer: consumer
        )
        // It shares the machine with other tests, and with other brokers that start.
        settings.answerTimeout = 20
        return settings
    }

    /// Kills the broker, which is started again with its data, and waits until the dead one is gone.
    package func kill() async throws {
        let before = await process.pid
        await process.kill()
        while await process.pid == before { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// Sends the broker a signal.
    package func signal(_ signal: Int32) async {
        if let pid = await process.pid { _ = Foundation.kill(pid, signal) }
    }

    /// Waits until a client is let in.
    package func untilReachable() async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        while true {
            let bus = RabbitMQBus(
                settings: try settings(name: "probe"),
                logger: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() }
            )
            let stream = try await bus.subscribe(["none"], limit: 1)
            let isConnected = bus.state.isConnected
            await bus.shutDown()
            withExtendedLifetime(stream) {}
            if isConnected { return }
            guard ContinuousClock.now < deadline else {
                throw EngineError.cannotStart(name: "rabbitmq", problem: "it lets nobody in at \(broker.url)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static let drawn = Atomic<Int>(Int.random(in: 0..<500))

    /// Ports above those that the kernel hands out for outgoing connections; other brokers, which are being started meanwhile, get others.
    private static func freePorts(_ count: Int) async throws -> [Int] {
        var ports: [Int] = []
        while ports.count < count {
            let port = 62_500 + drawn.add(1, ordering: .relaxed).oldValue % 500
            if await PortProbe.problem(host: "127.0.0.1", port: port, .tcp) == nil {
                ports.append(port)
            }
        }
        return ports
    }
}
