import ARI
import Fleet
import Logging
import NIOCore
import Registry
import ServiceLifecycle

/// Follows the registry's nodes: a run that began is listed, a run that is over is mourned and its bridges mended. Nodes that the
/// registry has lost touch with are asked directly.
struct NodeWatch: Service {
    let registry: any Registry
    let directory: FleetDirectory
    let resync: NodeResync
    let bridges: BridgeConductor
    let lasting: LastingRequests
    let readiness: GatewayReadiness
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await probeSuspects() }
                group.addTask { await listMissing() }
                for await snapshot in await registry.nodeChanges() {
                    let change = directory.change { $0.update(nodes: snapshot) }
                    readiness.note(.nodes)
                    mourn(change)
                    for node in change.begun {
                        group.addTask { await begin(node) }
                    }
                    if !change.lost.isEmpty { await bridges.reconcileAll() }
                }
            }
        }
    }

    private func mourn(_ change: FleetState.NodeChange) {
        for (node, mirror) in change.lost {
            let level: Logger.Level = mirror.channels.isEmpty ? .info : .warning
            logger.log(
                level: level,
                "node gone",
                metadata: ["node": "\(node.name)", "channels": "\(mirror.channels.count)"]
            )
            resync.sayGoodbye(for: mirror, entityID: node.id)
        }
    }

    /// Nodes that did not answer when they were listed are asked again.
    private func listMissing() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            await resync.listMissing()
        }
    }

    private func begin(_ node: NodeRecord) async {
        logger.info("node joined", metadata: ["node": "\(node.name)", "asterisk_id": "\(node.id)"])
        if await resync.begin(node) { await bridges.surveyAll() }
        await lasting.replay(on: node)
    }

    private func probeSuspects() async {
        var doubts: [String: NodeDoubt] = [:]
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            let suspects = directory.read { state in state.nodes.values.filter { $0.health == .suspect } }
            doubts = doubts.filter { name, _ in suspects.contains { $0.name == name } }
            guard !suspects.isEmpty else { continue }
            for (name, answers) in await ping(suspects) {
                guard let verdict = doubts[name, default: NodeDoubt()].note(answers: answers) else { continue }
                let change = directory.change { $0.suspect(name, answers: verdict) }
                mourn(change)
                for node in change.begun { await begin(node) }
                if !change.lost.isEmpty { await bridges.reconcileAll() }
            }
        }
    }

    private func ping(_ nodes: [NodeRecord]) async -> [String: Bool] {
        await withTaskGroup(of: (String, Bool).self) { group in
            for node in nodes {
                group.addTask {
                    (node.name, (try? await ARIClient(node: node, timeout: .seconds(1)).asterisk.ping()) != nil)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
