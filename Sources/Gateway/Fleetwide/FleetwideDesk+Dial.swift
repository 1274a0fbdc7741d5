import ARI
import Fleet
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// Dialling a channel for one on another node.
extension FleetwideDesk {
    /// Has a channel dialled. A node knows only its own channels: what the dialled one takes over from a caller elsewhere is set first.
    func dial(_ id: String, for caller: String, _ request: GatewayRequest, target: String) async -> GatewayAnswer {
        guard let node = await node(ofChannel: id) ?? directory.read({ $0.anyAlive() }) else {
            return RequestDispatcher.noNode
        }
        if let near = await self.node(ofChannel: caller), near.name != node.name {
            await introduce(caller, near, id, node)
        }
        return await node.pass(request, target: target, timeout: .seconds(30))
    }

    private func introduce(_ caller: String, _ near: NodeRecord, _ id: String, _ far: NodeRecord) async {
        let (here, there) = (ARIClient(node: near), ARIClient(node: far))
        guard let known = try? await here.channels.get(caller), let dialled = try? await there.channels.get(id),
            // Of any other the node refuses to dial it, and nothing of it may change.
            ["Down", "Rsrvd"].contains(dialled.state)
        else { return }
        var settings = DialledFor(known, answers: await Self.ask(caller, DialledFor.asked(of: known), here))
            .settings(over: await Self.ask(id, DialledFor.asked, there))
        let inherited = DialledFor.inherited(directory.read { $0.mirrors[near.name]?.variables[caller] ?? [] })
        for (name, value) in await Self.ask(caller, Array(inherited.keys), here) {
            if let heir = inherited[name] { settings[heir] = value }
        }
        for (function, value) in settings.sorted(by: { $0.key < $1.key }) {
            do throws(ARIError) {
                try await there.channels.setChannelVar(id, variable: function, value: value)
            } catch {
                logger.notice(
                    "not taken over from the caller",
                    metadata: ["channel": "\(id)", "caller": "\(caller)", "what": "\(function)", "error": "\(error)"]
                )
            }
        }
    }

    private static func ask(_ channel: String, _ functions: [String], _ client: ARIClient) async -> [String: String] {
        var answers: [String: String] = [:]
        for function in functions {
            answers[function] = try? await client.channels.getChannelVar(channel, variable: function).value
        }
        return answers
    }
}
