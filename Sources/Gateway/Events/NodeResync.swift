import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import Registry
import Synchronization

/// Lists what a node holds, when it appears and when events of it were missed, and says what applications were not told.
final class NodeResync: Sendable {
    let directory: FleetDirectory
    let hub: EventHub
    let bridges: BridgeConductor
    let logger: Logger
    /// Nodes whose events were missed and wait until they are listed.
    private let waitedFor = Mutex<Set<String>>([])

    init(directory: FleetDirectory, hub: EventHub, bridges: BridgeConductor, logger: Logger) {
        self.directory = directory
        self.hub = hub
        self.bridges = bridges
        self.logger = logger
    }

    /// A node's run began or this gateway did: what it holds is not known from events.
    /// - Returns: whether it could be listed.
    func begin(_ node: NodeRecord) async -> Bool { await list(node.name) != nil }

    /// Events were missed: what ended meanwhile is said to have ended, and what entered an application to have entered it.
    func afterGap(node: String) async {
        logger.warning("events were missed; listing the node anew", metadata: ["node": "\(node)"])
        waitedFor.withLock { _ = $0.insert(node) }
        directory.change { $0.doubt(node: node) }
        await listAgain(node)
        waitedFor.withLock { _ = $0.remove(node) }
    }

    /// Lists the nodes that could not be listed before. Those whose newer events wait for that are left to who lets them wait: what is
    /// said of both is then said in order.
    func listMissing() async {
        let missing = directory.read { state in state.mirrors.filter { !$0.value.isListed }.keys.sorted() }
        for node in missing where !waitedFor.withLock({ $0.contains(node) }) { await listAgain(node) }
    }

    private func listAgain(_ node: String) async {
        guard let entityID = directory.read({ $0.nodes[node]?.id }) else { return }
        let missed = await list(node) ?? MissedChanges()
        var gone = NodeMirror(incarnation: "")
        for channel in missed.gone { gone.adopt(channel) }
        sayGoodbye(for: gone, entityID: entityID)
        deliver(
            Welcome.events(
                for: missed.entered,
                entityID: entityID,
                timestamp: EventText.timestamp(),
                encode: EventText.json
            )
        )
        await bridges.surveyAll()
    }

    /// Tells applications what a lost node could not.
    func sayGoodbye(for mirror: NodeMirror, entityID: String) {
        let farewells = directory.read { state in
            Goodbye.events(
                of: mirror,
                entityID: entityID,
                timestamp: EventText.timestamp(),
                bridge: { id in state.bridges[id].map { state.view(of: $0) } },
                encode: EventText.json
            )
        }
        deliver(farewells)
    }

    private func deliver(_ events: [AddressedEvent]) {
        for each in events {
            let type = each.event["type"]?.string ?? ""
            hub.deliver(EventText.encode(each.event), type: type, to: each.application)
        }
    }

    private func list(_ node: String) async -> MissedChanges? {
        let since = directory.read { $0.mirrors[node]?.sequence ?? 0 }
        guard let client = directory.client(of: node, timeout: .seconds(3)) else { return nil }
        do {
            let channels = try await client.channels.list()
            let bridges = try await client.bridges.list()
            let applications = try await client.applications.list().map(\.name)
            return directory.change { state in
                state.register(applications: applications, on: node)
                return state.replace(node: node, channels: channels, bridges: bridges, since: since)
            }
        } catch {
            logger.warning("the node could not be listed", metadata: ["node": "\(node)", "error": "\(error)"])
            return nil
        }
    }
}
