import Registry

/// Chooses the node for new work.
package enum Placement {
    /// The node with the fewest channels for its weight among those that take calls; equal ones in order of name.
    /// - Parameter channels: how many channels each node has.
    package static func choose(among nodes: some Collection<NodeRecord>, channels: [String: Int]) -> NodeRecord? {
        func load(_ node: NodeRecord) -> Double { Double(channels[node.name] ?? 0) / Double(max(node.weight, 1)) }
        return nodes.filter(\.takesCalls).min { (load($0), $0.name) < (load($1), $1.name) }
    }
}
