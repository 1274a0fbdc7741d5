import Fleet
import Logging
import Registry
import ServiceLifecycle

/// Follows the registry's nodes: a run that began is listed, a run that is over is mourned and its bridges mended.
struct NodeWatch: Service {
    let registry: any Registry
    let directory: FleetDirectory
    let resync: NodeResync
    let bridges: BridgeConductor
    let logger: Logger

    func run() async throws {
        for await snapshot in await registry.nodeChanges().cancelOnGracefulShutdown() {
            let change = directory.change { $0.update(nodes: snapshot) }
            for (node, mirror) in change.lost {
                let level: Logger.Level = mirror.channels.isEmpty ? .info : .warning
                logger.log(
                    level: level,
                    "node gone",
                    metadata: ["node": "\(node.name)", "channels": "\(mirror.channels.count)"]
                )
                resync.sayGoodbye(for: mirror, entityID: node.id)
            }
            for node in change.begun {
                logger.info("node joined", metadata: ["node": "\(node.name)", "asterisk_id": "\(node.id)"])
                await resync.begin(node)
            }
            if !change.lost.isEmpty { await bridges.reconcileAll() }
        }
    }
}
