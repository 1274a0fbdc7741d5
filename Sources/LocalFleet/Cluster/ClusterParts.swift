import ConsulRegistry
import Engines
import EventBus
import Foundation
import Logging
import Operator
import RabbitMQBus
import Registry
import Roles
import ServiceLifecycle

/// The engines of a cluster that have been found or installed.
package struct ClusterEngines: Sendable {
    var consul: ConsulInstallation
    var rabbitmq: RabbitMQInstallation
}

/// A cluster on one machine: Consul, RabbitMQ and nginx for real, and every role as a process of its own.
struct ClusterParts {
    let settings: LocalFleetSettings
    let run: RunDirectory
    let engines: ClusterEngines
    let `operator`: FleetConnection
    let logger: Logger

    func make() throws -> FleetParts {
        let consul = ConsulServer(
            httpPort: settings.consul.port,
            serverPort: settings.port(8530),
            serfPort: settings.port(8531),
            // Routes and subscribers outlive the run.
            directory: settings.stateDirectory.appending(path: "consul")
        )
        try consul.configure()
        let rabbitmq = RabbitMQBroker(
            directory: run.directory.appending(path: "rabbitmq"),
            port: settings.broker.port,
            distributionPort: settings.port(8540),
            epmdPort: settings.port(8541),
            password: RandomSecret.make()
        )
        try rabbitmq.writeFiles(for: engines.rabbitmq)
        let cluster = ClusterSettings(
            consul: [ConsulAddress(host: settings.consul.host, port: settings.consul.port)],
            brokers: [try BrokerAddress(url: rabbitmq.url)]
        )
        let registry = ConsulRegistry(cluster.registry(role: "up"), logger: logger)
        let bus = RabbitMQBus(settings: cluster.bus(name: "asterism up"), logger: logger)
        let roles = RoleProcesses(
            settings: settings,
            run: run,
            broker: rabbitmq.url,
            operator: `operator`,
            logger: logger
        )
        let nodes = ClusterNodes(roles: roles)
        let pool = NodePool(size: settings.nodes, launcher: nodes, registry: registry, logger: logger)
        let work = roles.services + [AfterRegistry(registry: registry, demo: demo(registry), pool: pool)]
        return FleetParts(
            registry: registry,
            bus: bus,
            services: [
                AtOnce("engines", [supervise(consul), supervise(rabbitmq)]), registry, bus, AtOnce("roles", work),
            ]
        )
    }

    private func demo(_ registry: any Registry) -> DemoContent? {
        settings.demo ? DemoContent(registry: registry, realm: settings.realm, logger: logger) : nil
    }

    private func supervise(_ consul: ConsulServer) -> SupervisedProcess {
        var specification = consul.process(engines.consul)
        specification.liveness = EngineProbe.http("http://\(settings.consul)/v1/status/leader", grace: .seconds(15))
        return SupervisedProcess(specification, ledger: run.ledger, logger: logger)
    }

    private func supervise(_ rabbitmq: RabbitMQBroker) -> SupervisedProcess {
        var specification = rabbitmq.specification()
        specification.liveness = EngineProbe.amqp(settings.broker, grace: .seconds(60))
        return SupervisedProcess(specification, ledger: run.ledger, logger: logger)
    }
}

/// Starts the nodes when the registry answers and what an earlier run left in it is gone.
private struct AfterRegistry: Service, CustomStringConvertible {
    let registry: any Registry
    let demo: DemoContent?
    let pool: NodePool

    var description: String { "nodes" }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !(await answers()) {
                try await Task.sleep(for: .milliseconds(200))
            }
            try await forgetLastRun()
            try await demo?.put()
        }
        if !Task.isShuttingDownGracefully { try await pool.run() }
    }

    private func answers() async -> Bool {
        do {
            _ = try await registry.entry(RegistryKey.fleetSize)
            return true
        } catch {
            return false
        }
    }

    /// Only routes and subscribers are meant to last, as they do in a fleet of one process. No process of an earlier run lives.
    private func forgetLastRun() async throws(RegistryError) {
        for node in try await registry.nodes() { try await registry.deregister(node: node.name) }
        for prefix in [RegistryKey.bridges, RegistryKey.applications] {
            for key in try await registry.entries(under: prefix).keys { try await registry.remove(key) }
        }
    }
}
