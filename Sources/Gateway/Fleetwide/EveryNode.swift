import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// Puts one request to every node that answers.
struct EveryNode: Sendable {
    /// How long a node may take: one that hangs must not hold up what the others have said.
    private static let patience = TimeAmount.seconds(3)

    let directory: FleetDirectory

    /// The nodes' answers, in the order of the nodes' names; a node that could not be reached answers 503.
    func ask(_ request: GatewayRequest, target: String) async -> [GatewayAnswer] {
        let nodes = directory.read { state in state.alive.compactMap { state.nodes[$0] } }
        return await withTaskGroup(of: (String, GatewayAnswer).self) { group in
            for node in nodes {
                group.addTask { (node.name, await node.pass(request, target: target, timeout: Self.patience)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// What the nodes know together.
    func union(_ resource: MergedResource, _ request: GatewayRequest, target: String) async -> GatewayAnswer {
        let answers = await ask(request, target: target)
        let found = answers.filter { $0.status == .ok }
        guard !found.isEmpty else {
            return answers.first { $0.status != .serviceUnavailable } ?? answers.first ?? RequestDispatcher.noNode
        }
        let values = found.compactMap { try? JSONDecoder().decode(JSONValue.self, from: $0.body) }
        guard let merged = resource.merge(values) else { return .error(.notFound, "Resource not found") }
        return .json(merged)
    }

    /// Has every node do something.
    func perform(_ request: GatewayRequest, target: String, suffices: Bool) async -> GatewayAnswer {
        Self.verdict(await ask(request, target: target), suffices: suffices)
    }

    /// What is said when some did it and others refused. A node that could not be reached does not count while another did it.
    /// - Parameter suffices: whether it is done when one node did it.
    static func verdict(_ answers: [GatewayAnswer], suffices: Bool) -> GatewayAnswer {
        let done = answers.first { $0.status.code < 300 }
        let refused = answers.first { $0.status.code >= 300 && $0.status != .serviceUnavailable }
        if suffices { return done ?? refused ?? answers.first ?? RequestDispatcher.noNode }
        return refused ?? done ?? answers.first ?? RequestDispatcher.noNode
    }
}
