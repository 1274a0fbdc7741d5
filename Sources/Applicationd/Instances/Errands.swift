import ARI
import Foundation
import Logging
import Registry

/// Does what an event asks for besides being announced. What fails is left: the call that it was for has most likely gone.
struct Errands: Sendable {
    let client: ARIClient
    let registry: any Registry
    let logger: Logger

    func run(_ directives: [Chronicle.Directive]) async {
        for directive in directives {
            switch directive {
            case .announce: break
            case .join(let call, let node, _): await join(call, node)
            case .endSnoop(let snoop, let application): await end(snoop, application)
            }
        }
    }

    private func join(_ call: String, _ node: String) async {
        do throws(ARIError) {
            try await client.add(channel: call, to: node)
        } catch {
            logger.notice(
                "the call did not join its node",
                metadata: ["call": "\(call)", "node": "\(node)", "error": "\(error)"]
            )
        }
    }

    private func end(_ snoop: String, _ application: String) async {
        let key = RegistryKey.applicationSnoop(snoop, of: application)
        let entry = try? await registry.entry(key)
        try? await registry.remove(key)
        if let entry, let channel = try? JSONDecoder().decode(SnoopRecord.self, from: Data(entry.value)).channel {
            try? await client.hangUp(channel)
        }
        try? await client.destroyBridge(snoop)
    }
}
