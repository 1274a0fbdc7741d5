import ARI

/// What clients call a node: calls of an application that hear one another. It is a fleet bridge whose name is the application's id.
package struct CallNode: Codable, Sendable, Hashable, Identifiable {
    /// A call in a node.
    package struct Member: Codable, Sendable, Hashable {
        package var id: String

        package init(id: String) { self.id = id }
    }

    /// The bridge's id.
    package var uuid: String
    package var calls: [Member]

    package var id: String { uuid }

    package init(uuid: String, calls: [String] = []) {
        self.uuid = uuid
        self.calls = calls.map(Member.init)
    }

    /// Channels that are no calls of anybody are left out.
    init(_ bridge: Bridge) { self.init(uuid: bridge.id, calls: bridge.channels.filter(ChannelKind.isCall)) }

    func contains(_ call: String) -> Bool { calls.contains { $0.id == call } }
}
