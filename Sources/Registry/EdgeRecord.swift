/// An edge that runs: where phones and nodes reach it, and whether calls pass.
package struct EdgeRecord: Codable, Sendable, Hashable, Identifiable {
    /// Unique among edges.
    package var name: String
    /// Where it takes SIP.
    package var sip: HostPort
    /// Whether Kamailio is filled with subscribers, routes and nodes.
    package var isServing: Bool
    /// Nodes that calls can go to.
    package var activeNodes: Int

    package var id: String { name }

    package init(name: String, sip: HostPort, isServing: Bool, activeNodes: Int) {
        self.name = name
        self.sip = sip
        self.isServing = isServing
        self.activeNodes = activeNodes
    }
}
