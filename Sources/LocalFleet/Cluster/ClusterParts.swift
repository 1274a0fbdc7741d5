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
            directory: run.directory.appending(path: "consul")
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
        let roles = try RoleProcesses(
            settings: settings,
            run: run,
            broker: rabbitmq.url,
            operator: `operator`,
            logger: logger
        )
        let nodes = ClusterNodes(roles: roles)
        let pool = NodePool(size: settings.nodes, launcher: nodes, registry: registry, logger: logger)
        let keeper = KeyKeeper(lasting: settings.lastingKeys, registry: registry, logger: logger)
        let work = roles.services + [AfterRegistry(keeper: keeper, demo: demo(registry), pool: pool)]
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
        specification.liveness = EngineProbe.http("http://\(settings.consul)/v1/status/leader", grace: .seconds(60))
        return SupervisedProcess(specification, ledger: run.ledger, logger: logger)
    }

    private func supervise(_ rabbitmq: RabbitMQBroker) -> SupervisedProcess {
        var specification = rabbitmq.specification()
        specification.liveness = EngineProbe.amqp(settings.broker, grace: .seconds(120))
        return SupervisedProcess(specification, ledger: run.ledger, logger: logger)
    }
}

/// Starts the nodes when the registry answers and has what an earlier run kept.
private struct AfterRegistry: Service, CustomStringConvertible {
    let keeper: KeyKeeper
    let demo: DemoContent?
    let pool: NodePool

    var description: String { "nodes" }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !(await restored()) { try await Task.sleep(for: .milliseconds(200)) }
        }
        guard !Task.isShuttingDownGracefully else { return }
        try await AtOnce("nodes", [keeper, pool]).run()
    }

    private func restored() async -> Bool {
        do throws(RegistryError) {
            try await keeper.restore()
            try await demo?.put()
            return true
        } catch {
            keeper.logger.debug("the registry does not answer yet: \(error)")
            return false
        }
    }
}
