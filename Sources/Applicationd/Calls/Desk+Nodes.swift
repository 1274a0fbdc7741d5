import ARI
import Foundation
import HTTPTypes
import Registry
import WebAPI

/// Nodes: bridges whose name is the application's id.
extension Desk {
    func list(nodesOf application: String) async throws(WebError) -> [CallNode] {
        try await requireApplication(application)
        return try await nodes(of: application).sorted { $0.uuid < $1.uuid }
    }

    /// - Throws: 404 `no-such-node`, also for a bridge that belongs to somebody else.
    @discardableResult
    func requireNode(_ node: String, of application: String) async throws(WebError) -> CallNode {
        let bridge = try await ask(missing: .noSuch("node", node)) { client async throws(ARIError) in
            try await client.bridges.get(node)
        }
        guard bridge.name == application else { throw .noSuch("node", node) }
        return CallNode(bridge)
    }

    func node(_ node: String, of application: String) async throws(WebError) -> CallNode {
        try await requireApplication(application)
        return try await requireNode(node, of: application)
    }

    /// Puts calls into the node of a name, which is made if it is not there. Calls that are in it stay.
    func fill(node name: String, with calls: [String], of application: String) async throws(WebError) -> String {
        try await requireApplication(application)
        for call in calls { try await requireCall(call, of: application) }
        let id = NamedUUID.node(name, of: application)
        let bridge = try await ask(missing: .noSuch("node", id)) { client async throws(ARIError) in
            // For a bridge that is there, this shows it.
            try await client.bridges.createWithID(id, type: "mixing", name: application)
        }
        guard bridge.name == application else {
            throw .api(.conflict, "conflict", "The bridge \(id) belongs to somebody else", resource: "nodes")
        }
        try await add(calls.filter { !bridge.channels.contains($0) }, to: id)
        return id
    }

    /// Makes a node of calls that are in none.
    func makeNode(of calls: [String], in application: String) async throws(WebError) -> CallNode {
        try await requireApplication(application)
        let taken = try await nodes(of: application)
        for call in calls {
            do throws(WebError) {
                try await requireCall(call, of: application)
            } catch {
                throw error.status == .notFound ? .noSuchCall(call, .badRequest) : error
            }
            if taken.contains(where: { $0.contains(call) }) { throw .callAlreadyInNode(call) }
        }
        let id = UUID().uuidString.lowercased()
        _ = try await ask(missing: .noSuch("node", id)) { client async throws(ARIError) in
            try await client.bridges.createWithID(id, type: "mixing", name: application)
        }
        do throws(WebError) {
            try await add(calls, to: id)
        } catch {
            try? await client.bridges.destroy(id)
            throw error.status == .notFound ? .noSuchCall(calls.joined(separator: ", "), .badRequest) : error
        }
        return CallNode(uuid: id, calls: calls)
    }

    /// Ends a node and its calls.
    func delete(node: String, of application: String) async throws(WebError) {
        try await requireApplication(application)
        let calls = try await requireNode(node, of: application).calls
        for call in calls {
            do throws(ARIError) {
                try await client.channels.hangup(call.id)
            } catch {
                // It may have hung up by itself.
                guard error.status == 404 else { throw WebError(error, missing: .noSuchCall(call.id)) }
            }
        }
        do throws(ARIError) {
            try await client.bridges.destroy(node)
        } catch {
            guard error.status == 404 else { throw WebError(error, missing: .noSuch("node", node)) }
        }
    }

    func add(call: String, toNode node: String, of application: String) async throws(WebError) {
        try await requireCall(call, of: application)
        try await requireNode(node, of: application)
        guard try await !nodes(of: application).contains(where: { $0.contains(call) }) else {
            throw .callAlreadyInNode(call)
        }
        try await add([call], to: node)
    }

    func remove(call: String, fromNode node: String, of application: String) async throws(WebError) {
        try await requireApplication(application)
        guard try await requireNode(node, of: application).contains(call) else { throw .noSuchCall(call) }
        try await ask(missing: .noSuchCall(call)) { client async throws(ARIError) in
            try await client.bridges.removeChannel(node, channel: [call])
        }
    }

    /// All or none.
    private func add(_ calls: [String], to node: String) async throws(WebError) {
        var wanted: [String] = []
        for call in calls where !wanted.contains(call) { wanted.append(call) }
        guard !wanted.isEmpty else { return }
        let channels = wanted
        try await ask(missing: .noSuchCall(channels.joined(separator: ", "))) { client async throws(ARIError) in
            try await client.bridges.addChannel(node, channel: channels)
        }
    }
}
