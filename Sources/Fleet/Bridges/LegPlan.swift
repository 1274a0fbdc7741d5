/// What to do so that the parts of a fleet bridge form a star around its home. A pure rule; invariants, tested as properties:
/// connected (every node with members reaches the home), acyclic (legs end at the home only), at most one leg per pair of
/// nodes, and no part but the home and nodes with members.
package enum LegPlan {
    /// One step.
    package enum Directive: Sendable, Hashable {
        /// Make `node` the home.
        case elect(home: String)
        /// Create the local bridge.
        case createPart(node: String)
        /// Call the home and tie the call into both local bridges.
        case dial(from: String, home: String)
        /// End a leg that is not wanted, or that lost an end.
        case hangUp(Leg)
        /// Remove the local bridge.
        case destroyPart(node: String)
    }

    /// - Parameters:
    ///   - bridge: as it is.
    ///   - members: how many real channels each node has in it.
    ///   - alive: the nodes that answer.
    /// - Returns: steps in the order in which they keep the most people talking: legs are made before others are ended.
    package static func plan(_ bridge: FleetBridge, members: [String: Int], alive: Set<String>) -> [Directive] {
        let populated = members.filter { $0.value > 0 && alive.contains($0.key) }
        let home = self.home(of: bridge, populated: populated, alive: alive)
        var directives: [Directive] = []
        if let home, home != bridge.record.home { directives.append(.elect(home: home)) }

        let partsWanted = Set(populated.keys).union(home.map { [$0] } ?? [])
        for node in partsWanted.subtracting(bridge.parts).sorted() { directives.append(.createPart(node: node)) }

        var unlinked = bridge.isMixing ? partsWanted.subtracting(home.map { [$0] } ?? []) : []
        var unwanted: [Leg] = []
        for leg in bridge.legs {
            if leg.home == home, !leg.isBroken, unlinked.remove(leg.node) != nil { continue }
            unwanted.append(leg)
        }
        if let home {
            for node in unlinked.sorted() { directives.append(.dial(from: node, home: home)) }
        }
        directives += unwanted.map { .hangUp($0) }
        for node in bridge.parts.subtracting(partsWanted).intersection(alive).sorted() {
            directives.append(.destroyPart(node: node))
        }
        return directives
    }

    /// First come, first home; a dead home is replaced by the survivor with the most members, and a home without members
    /// moves when a single other node is left, for then no leg is needed at all.
    private static func home(of bridge: FleetBridge, populated: [String: Int], alive: Set<String>) -> String? {
        if let home = bridge.record.home, alive.contains(home) {
            if populated[home] == nil, populated.count == 1, let only = populated.keys.first { return only }
            return home
        }
        return populated.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
