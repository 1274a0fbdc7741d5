import ARI
import EventBus
import Logging
import NIOCore
import NIOHTTP1
import NodeAgent
import Registry
import Telemetry

/// The part of a node's agent that events go through, unchanged, beside a simulated Asterisk: the server of the links, and the outlet
/// to the bus. What an agent does besides, from configuration to the process, is left out.
struct SimulatedAgent: Sendable {
    let node: SimulatedNode
    let registry: any Registry
    let bus: any EventBus
    let group: any EventLoopGroup
    let logger: Logger

    /// Listens for the links.
    func start() async throws -> (LinkServer, EventOutlet) {
        let counter = TypeCounter(FleetMetrics.nodeEvents, dimensions: [("node", node.name)])
        let outlet = EventOutlet(rules: PublicationRules(node: node.name), counter: counter, logger: logger)
        outlet.begin(incarnation: SimulatedNode.incarnation, base: EventOutlet.base())
        let server = LinkServer(credentials: SimulatedNode.credentials, silenceLimit: .seconds(20)) { message in
            outlet.accept(message)
        }
        do {
            _ = try await server.start(port: node.linkPort, group: group)
        } catch {
            throw SimulatorError(
                "the agent of \(node.name) cannot listen on 127.0.0.1:\(node.linkPort) (\(error)); choose another --port"
            )
        }
        return (server, outlet)
    }

    /// Does its work until the task is cancelled.
    func run(_ server: LinkServer, _ outlet: EventOutlet) async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await outlet.run(publishingTo: bus) }
            tasks.addTask { await followLinks(server) }
            tasks.addTask { await followApplications() }
        }
        await server.shutDown()
    }

    /// The node is registered while both of its links are up.
    private func followLinks(_ server: LinkServer) async {
        var links: Set<Int> = []
        for await change in server.changes {
            if change.isUp { links.insert(change.connection) } else { links.remove(change.connection) }
            var record = node.record
            record.health = links.count == 2 ? .passing : .critical
            guard links.count == 2 || !change.isUp else { continue }
            do {
                try await registry.register(record)
            } catch {
                logger.error("\(node.name) is not registered: \(error)")
            }
        }
    }

    /// A real agent rewrites a file and has it read; a simulated Asterisk is told what would be in it.
    private func followApplications() async {
        let client = ARIClient(
            baseURL: "http://\(node.ari)/ari",
            user: SimulatedNode.credentials.user,
            password: SimulatedNode.credentials.password
        )
        for await entries in await registry.changes(under: RegistryKey.applications) {
            let names = entries.keys.map { String($0.dropFirst(RegistryKey.applications.count)) }.sorted()
            while !Task.isCancelled {
                let answer = try? await client.send(
                    .PUT,
                    ["asterisk", "modules", "res_ari.so"],
                    query: [("applications", names.joined(separator: ","))]
                )
                if answer?.status == 204 { break }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
