import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// Events that clients make up, about things wherever they are.
extension FleetwideDesk {
    /// Has one node say an event.
    func userEvent(about sources: [String], _ request: GatewayRequest, target: String) async -> GatewayAnswer {
        let route = await route(ofUserEventAbout: sources)
        guard let node = directory.read({ state in route.node.flatMap { state.nodes[$0] } ?? state.anyAlive() }) else {
            return RequestDispatcher.noNode
        }
        if route.sources == sources, route.bridge == nil { return await node.pass(request, target: target) }
        guard let parameters = BodyParameters.read(request) else { return .badBody }
        guard var ari = ARIRequest(method: "POST", target: target, prefix: RequestDispatcher.prefix) else {
            return await node.pass(request, target: target)
        }
        ari.query.merge(parameters) { query, _ in query }
        var variables = (try? JSONDecoder().decode(JSONValue.self, from: request.body))?["variables"]?.object ?? [:]
        variables[CarriedBridge.variable] = route.bridge.map { EventText.json($0) }
        do throws(ARIError) {
            let answer = try await ARIClient(node: node).send(
                .POST,
                ari.path,
                query: [("application", ari.query["application"]), ("source", route.sources.joined(separator: ","))],
                body: ["variables": .object(variables)]
            )
            return GatewayAnswer(answer, from: node.name)
        } catch {
            return GatewayAnswer(error)
        }
    }

    private func route(ofUserEventAbout sources: [String]) async -> UserEventRoute {
        let prefix = "channel:"
        var found: [String: String] = [:]
        for source in sources where source.hasPrefix(prefix) {
            let id = String(source.dropFirst(prefix.count))
            found[id] = await node(ofChannel: id)?.name
        }
        return directory.read { [found] in $0.route(ofUserEventAbout: sources, found: found) }
    }
}
