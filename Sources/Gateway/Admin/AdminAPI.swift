import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// The operator's API under `/fleet`: nodes, calls, bridges, routes, subscribers, the size of the fleet.
struct AdminAPI: Sendable {
    let directory: FleetDirectory
    let registry: any Registry
    let mover: CallMover
    /// Moves are made where bridges are conducted.
    let bridges: BridgeDesk
    let logger: Logger

    /// `GET /status`: whether the gateway can serve, for probes; tells nothing about the fleet.
    func status() -> GatewayAnswer {
        let alive = directory.read { $0.alive.count }
        guard alive > 0 else { return .json(["status": "no node answers"], status: .serviceUnavailable) }
        return .json(["status": "ok"])
    }

    func answer(_ request: GatewayRequest) async -> GatewayAnswer {
        guard let call = ARIRequest(method: request.head.method.rawValue, target: request.head.uri, prefix: "/fleet")
        else {
            return Self.unknown
        }
        guard let body = BodyParameters.read(request) else { return .badBody }
        if call.method == "POST", call.path.first == "channels", call.path.count == 3, call.path[2] == "move" {
            return await bridges.conduct(request) { await move(call.path[1], to: call.query["node"] ?? body["node"]) }
        }
        do {
            return try await answer(call, body)
        } catch {
            return GatewayAnswer(error)
        }
    }

    static let unknown = GatewayAnswer.error(
        .notFound,
        "Resource not found; /fleet has nodes, calls, channels, bridges, routes, subscribers, size and events"
    )

    private func answer(_ call: ARIRequest, _ body: [String: String]) async throws(RegistryError) -> GatewayAnswer {
        let name = call.path.count > 1 ? call.path[1] : ""
        switch (call.method, call.path.first, call.path.count) {
        case ("GET", "nodes", 1):
            let showsSecrets = call.query["secrets"] == "true"
            return .json(directory.read { $0.nodeReports(showSecrets: showsSecrets) })
        case ("POST", "nodes", 3) where call.path[2] == "drain": return try await drain(name, true)
        case ("DELETE", "nodes", 3) where call.path[2] == "drain": return try await drain(name, false)
        case ("GET", "calls", 1): return .json(directory.read { $0.callReports() })
        case ("GET", "bridges", 1): return .json(directory.read { $0.bridgeReports() })
        case ("GET", "size", 1): return .json(["nodes": try await size()])
        case ("PUT", "size", 1): return try await resize(body["nodes"])
        case ("GET", "routes", 1): return .json(try await routes())
        case ("PUT", "routes", 2): return try await setRoute(name, body["application"])
        case ("DELETE", "routes", 2):
            return try await remove(RegistryKey.route(name), "No route has the number \(name)")
        case ("GET", "subscribers", 1): return .json(try await subscribers())
        case ("PUT", "subscribers", 2): return try await setSubscriber(name, body)
        case ("DELETE", "subscribers", 2):
            return try await remove(RegistryKey.subscriber(name), "No subscriber is called \(name)")
        case ("GET", "events", 1): return .error(.upgradeRequired, "Upgrade to WebSocket required")
        default: return Self.unknown
        }
    }

    private func move(_ channel: String, to node: String?) async -> GatewayAnswer {
        do {
            return .json(try await mover.move(channel, to: node))
        } catch {
            return .error(error.status, error.description)
        }
    }

    private func drain(_ name: String, _ draining: Bool) async throws(RegistryError) -> GatewayAnswer {
        try await registry.setDraining(draining, node: name)
        logger.notice("\(draining ? "draining" : "taking calls again")", metadata: ["node": "\(name)"])
        let node = try await registry.nodes().first { $0.name == name }
        guard let node else { throw .unknownNode(name) }
        return .json(directory.read { NodeReport(node, mirror: $0.mirrors[name]) })
    }
}

extension MoveRefusal {
    /// How it is said over HTTP.
    fileprivate var status: HTTPResponseStatus {
        switch self {
        case .unknownChannel, .unknownNode: .notFound
        case .nodeFailed, .notBridged: .badGateway
        default: .conflict
        }
    }
}

extension GatewayAnswer {
    fileprivate init(_ error: RegistryError) {
        switch error {
        case .unknownNode: self = .error(.notFound, error.description)
        case .conflict: self = .error(.conflict, error.description)
        case .unavailable: self = .error(.serviceUnavailable, error.description)
        }
    }
}
