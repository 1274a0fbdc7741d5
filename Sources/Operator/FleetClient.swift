import ARI
import Fleet
import Foundation
import NIOCore
import NIOHTTP1

/// The operator's API of a fleet, typed.
package struct FleetClient: Sendable {
    private let api: ARIClient

    package init(_ connection: FleetConnection) {
        api = ARIClient(
            baseURL: connection.url + "/fleet",
            user: connection.user,
            password: connection.password,
            // A phone may be asked twice whether its call moves.
            timeout: .seconds(20)
        )
    }

    package func nodes(showSecrets: Bool = false) async throws(OperatorError) -> [NodeReport] {
        try await get([NodeReport].self, ["nodes"], query: [("secrets", showSecrets ? "true" : nil)])
    }

    package func calls() async throws(OperatorError) -> [ChannelReport] {
        try await get([ChannelReport].self, ["calls"])
    }

    package func bridges() async throws(OperatorError) -> [BridgeReport] {
        try await get([BridgeReport].self, ["bridges"])
    }

    package func drain(_ node: String) async throws(OperatorError) -> NodeReport {
        try await ask(NodeReport.self, .POST, ["nodes", node, "drain"])
    }

    package func undrain(_ node: String) async throws(OperatorError) -> NodeReport {
        try await ask(NodeReport.self, .DELETE, ["nodes", node, "drain"])
    }

    /// Moves a live call.
    /// - Parameter node: where to; nil lets the fleet choose.
    package func move(_ channel: String, to node: String? = nil) async throws(OperatorError) -> MoveReport {
        try await ask(MoveReport.self, .POST, ["channels", channel, "move"], query: [("node", node)])
    }

    /// Says how many nodes there should be; ``nodes(showSecrets:)`` shows how far it has come.
    package func resize(to nodes: Int) async throws(OperatorError) {
        struct Size: Decodable { var nodes: Int }
        _ = try await ask(Size.self, .PUT, ["size"], body: ["nodes": .integer(nodes)])
    }

    package func routes() async throws(OperatorError) -> [RouteReport] { try await get([RouteReport].self, ["routes"]) }

    package func addRoute(_ number: String, application: String) async throws(OperatorError) -> RouteReport {
        try await ask(RouteReport.self, .PUT, ["routes", number], body: ["application": .string(application)])
    }

    package func removeRoute(_ number: String) async throws(OperatorError) { try await delete(["routes", number]) }

    package func subscribers() async throws(OperatorError) -> [SubscriberReport] {
        try await get([SubscriberReport].self, ["subscribers"])
    }

    /// - Parameter ha1: digest of `user:realm:password`; the password itself does not travel.
    package func addSubscriber(_ name: String, realm: String, ha1: String) async throws(OperatorError)
        -> SubscriberReport
    {
        try await ask(
            SubscriberReport.self,
            .PUT,
            ["subscribers", name],
            body: ["realm": .string(realm), "ha1": .string(ha1)]
        )
    }

    package func removeSubscriber(_ name: String) async throws(OperatorError) {
        try await delete(["subscribers", name])
    }

    /// Follows everything that happens, until the task is cancelled or the fleet stops.
    package func followEvents(_ handle: (FollowedEvent) async throws -> Void) async throws {
        let connection: WebSocketConnection
        do {
            connection = try await api.openSocket(["events"])
        } catch {
            throw OperatorError.unreachable("\(error)")
        }
        let decoder = JSONDecoder()
        _ = try await connection.run { message, _ in
            guard case .text(let text) = message else { return }
            let line = String(buffer: text)
            let data = Data(line.utf8)
            guard let event = try? decoder.decode(FollowedEvent.self, from: data) else { return }
            try await handle(event.with(json: line))
        }
    }

    private func get<Model: Decodable>(
        _ model: Model.Type,
        _ path: [String],
        query: [(String, String?)] = []
    ) async throws(OperatorError) -> Model {
        do {
            return try await api.request(model, .GET, path, query: query)
        } catch {
            throw OperatorError(error)
        }
    }

    private func ask<Model: Decodable>(
        _ model: Model.Type,
        _ method: HTTPMethod,
        _ path: [String],
        query: [(String, String?)] = [],
        body: JSONValue? = nil
    ) async throws(OperatorError) -> Model {
        do {
            return try await api.request(model, method, path, query: query, body: body)
        } catch {
            throw OperatorError(error)
        }
    }

    private func delete(_ path: [String]) async throws(OperatorError) {
        do {
            try await api.request(.DELETE, path)
        } catch {
            throw OperatorError(error)
        }
    }
}

/// One event of the fleet as `events --follow` shows it.
package struct FollowedEvent: Decodable, Sendable {
    package var node: String
    package var sequence: UInt64
    package var event: Event
    /// The whole as it came.
    package var json = ""

    enum CodingKeys: String, CodingKey { case node, sequence, event }

    func with(json: String) -> FollowedEvent {
        var copy = self
        copy.json = json
        return copy
    }
}
