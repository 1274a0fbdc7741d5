import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// Answers what concerns several nodes at once, except for bridges.
struct FleetwideDesk: Sendable {
    let directory: FleetDirectory
    let lasting: LastingRequests
    let logger: Logger

    private var nodes: EveryNode { EveryNode(directory: directory) }

    func union(_ resource: MergedResource, _ request: GatewayRequest, target: String) async -> GatewayAnswer {
        await nodes.union(resource, request, target: target)
    }

    /// Has every node carry a request out, and those that join later.
    func everywhere(_ wish: EverywhereRequest, _ request: GatewayRequest, target: String) async -> GatewayAnswer {
        let answer = await nodes.perform(request, target: target, suffices: wish.suffices)
        if answer.status.code < 300 { await lasting.note(wish.memory, request, target: target) }
        return answer
    }

    /// A question about a recording on the disk of some node, or its sound.
    func storedRecording(_ name: String, _ request: GatewayRequest, target: String) async -> GatewayAnswer {
        guard let node = await NodeProbe(storedRecording: name).find(directory) ?? directory.read({ $0.anyAlive() })
        else { return RequestDispatcher.noNode }
        return await node.pass(request, target: target, timeout: .seconds(30))
    }

    /// Records a channel.
    /// - Parameter unique: the name, where no recording of the fleet may have it.
    func record(
        onChannel channel: String,
        unique: String?,
        _ request: GatewayRequest,
        target: String
    ) async -> GatewayAnswer {
        guard let node = await node(ofChannel: channel) ?? directory.read({ $0.anyAlive() }) else {
            return RequestDispatcher.noNode
        }
        if let refusal = await refusal(ofRecording: unique) { return refusal }
        return await node.pass(request, target: target, timeout: .seconds(30))
    }

    /// One Asterisk would see a recording of that name on its disk, and so does the fleet.
    func refusal(ofRecording name: String?) async -> GatewayAnswer? {
        guard let name, await NodeProbe(storedRecording: name).find(directory) != nil else { return nil }
        return .error(.conflict, "Recording '\(name)' already exists and can not be overwritten")
    }

    func copyRecording(_ name: String, to copy: String, _ request: GatewayRequest, target: String) async
        -> GatewayAnswer
    {
        if !copy.isEmpty, await NodeProbe(storedRecording: copy).find(directory) != nil {
            return .error(.conflict, "A recording with the same name already exists on the system")
        }
        return await storedRecording(name, request, target: target)
    }

    /// What one Asterisk says of itself, as far as it is true of the fleet.
    func info(_ request: GatewayRequest, target: String) async -> GatewayAnswer {
        guard let node = directory.read({ $0.anyAlive() }) else { return RequestDispatcher.noNode }
        var answer = await node.pass(request, target: target)
        guard answer.status == .ok, var info = try? JSONDecoder().decode(JSONValue.self, from: answer.body) else {
            return answer
        }
        if var config = info["config"] {
            config["name"] = .string(FleetIdentity.name)
            info["config"] = config
        }
        if var system = info["system"] {
            system["entity_id"] = .string(FleetIdentity.id)
            info["system"] = system
        }
        answer.body = EventText.encode(info)
        return answer
    }

    /// The node that holds a channel, known or found.
    func node(ofChannel id: String) async -> NodeRecord? {
        let known = directory.read { state in state.owner(ofChannel: id).flatMap { state.nodes[$0] } }
        if let known { return known }
        return await NodeProbe(channel: id).find(directory)
    }
}
