import NIOHTTP1

/// Nodes: calls that hear one another, on whichever Asterisk they are.
extension ApplicationHandle {
    /// Every node of the application.
    public func nodes() async throws(ApplicationdError) -> [ApplicationNode] {
        try await client.request(Items<ApplicationNode>.self, .GET, path("nodes")).items
    }

    /// One node.
    public func node(_ uuid: String) async throws(ApplicationdError) -> ApplicationNode {
        try await client.request(ApplicationNode.self, .GET, path("nodes", uuid))
    }

    /// Puts calls into the node of a name, which is made if it is not there.
    /// - Returns: the node's id, which follows from the name.
    public func fill(node name: String, with calls: [String]) async throws(ApplicationdError) -> String {
        struct Filled: Decodable { var uuid: String }
        return try await client.request(Filled.self, .POST, path("nodes", name), body: calls).uuid
    }

    /// Makes a node of calls that are in none.
    public func makeNode(of calls: [String]) async throws(ApplicationdError) -> ApplicationNode {
        let wish = ["calls": calls.map { ["id": $0] }]
        return try await client.request(ApplicationNode.self, .POST, path("nodes"), body: wish)
    }

    /// Puts a call into a node.
    public func add(_ call: String, to node: String) async throws(ApplicationdError) {
        try await client.request(.PUT, path("nodes", node, "calls", call))
    }

    /// Takes a call out of a node.
    public func remove(_ call: String, from node: String) async throws(ApplicationdError) {
        try await client.request(.DELETE, path("nodes", node, "calls", call))
    }

    /// Ends a node and hangs up its calls.
    public func delete(node: String) async throws(ApplicationdError) {
        try await client.request(.DELETE, path("nodes", node))
    }
}
