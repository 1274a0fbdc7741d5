import ArgumentParser
import EventBus
import Gateway
import Logging
import NIOCore
import NIOPosix
import Registry
import ServiceLifecycle
import Telemetry

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "A real gateway and the links of every node's agent, with the embedded registry and bus.",
        discussion: """
            Clients use http://127.0.0.1:<port>/ari as user simulated with password simulated. Threads named NIO-ELT carry the agents' \
            links, which in a real fleet are the nodes' business.
            """
    )

    @OptionGroup var plan: FleetPlan

    func run() async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        var logger = Logger(label: "gateway") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        let gateway = Gateway(
            settings: GatewaySettings(
                address: plan.gateway,
                ariUsers: [SimulatedNode.credentials],
                operators: [SimulatedNode.credentials]
            ),
            registry: registry,
            bus: bus,
            logger: logger
        )
        let watch = ReadinessService(gateway: gateway, registry: registry, nodes: plan.nodes)
        try await SimulatorProcess.run(
            gateway,
            AgentsService(plan: plan, registry: registry, bus: bus, logger: logger),
            watch
        )
    }
}

/// The agents of all nodes, on an event loop of their own.
private struct AgentsService: Service {
    let plan: FleetPlan
    let registry: EmbeddedRegistry
    let bus: EmbeddedBus
    let logger: Logger

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { tasks in
                for node in plan.all {
                    let agent = SimulatedAgent(node: node, registry: registry, bus: bus, group: group, logger: logger)
                    let (server, outlet) = try await agent.start()
                    tasks.addTask { await agent.run(server, outlet) }
                }
            }
        }
    }
}

/// Says when every node is there, and ends with standard input.
private struct ReadinessService: Service {
    private struct Ready: Encodable { var ready: Int }

    let gateway: Gateway
    let registry: EmbeddedRegistry
    let nodes: Int

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while true {
                let up = await registry.nodes().count { $0.health == .passing }
                if up == nodes, gateway.readiness.isReady { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            CommandLines.say(Ready(ready: nodes))
            for await _ in CommandLines.read() {}
        }
    }
}
