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
        case dial(from: String, home: String, flow: LegFlow = .both)
        /// End a leg that is not wanted, or that lost an end.
        case hangUp(Leg)
        /// Remove the local bridge.
        case destroyPart(node: String)
    }

    /// - Parameters:
    ///   - bridge: as it is.
    ///   - members: how many real channels each node has in it.
    ///   - alive: the nodes that answer.
    ///   - speaking: the node that all are to hear, in a holding bridge in which something speaks.
    ///   - isHomeBusy: whether the bridge does something at its home that would end if the home moved.
    /// - Returns: steps in the order in which they keep the most people talking: legs are made before others are ended.
    package static func plan(
        _ bridge: FleetBridge,
        members: [String: Int],
        alive: Set<String>,
        speaking: String? = nil,
        isHomeBusy: Bool = false
    ) -> [Directive] {
        let populated = members.filter { $0.value > 0 && alive.contains($0.key) }
        let home = self.home(of: bridge, populated: populated, alive: alive, isBusy: isHomeBusy)
        var directives: [Directive] = []
        if let home, home != bridge.record.home { directives.append(.elect(home: home)) }

        let partsWanted = Set(populated.keys).union(home.map { [$0] } ?? [])
        for node in partsWanted.subtracting(bridge.parts).sorted() { directives.append(.createPart(node: node)) }

        func flow(_ node: String) -> LegFlow { speaking.map { LegFlow(from: $0, of: node) } ?? .both }
        let isLinked = bridge.isMixing || speaking != nil
        var unlinked = isLinked ? partsWanted.subtracting(home.map { [$0] } ?? []) : []
        var unwanted: [Leg] = []
        for leg in bridge.legs {
            if leg.home == home, !leg.isBroken, leg.id.flow == flow(leg.node), unlinked.remove(leg.node) != nil {
                continue
            }
            unwanted.append(leg)
        }
        let dials = home.map { home in
            unlinked.sorted().map { Directive.dial(from: $0, home: home, flow: flow($0)) }
        }
        let ends = unwanted.map { Directive.hangUp($0) }
        // A part takes one announcer: the leg that was one must be out before another comes in.
        directives += bridge.isMixing ? (dials ?? []) + ends : ends + (dials ?? [])
        for node in bridge.parts.subtracting(partsWanted).intersection(alive).sorted() {
            directives.append(.destroyPart(node: node))
        }
        return directives
    }

    /// First come, first home; a dead home is replaced by the survivor with the most members, and a home without members
    /// moves when a single other node is left, for then no leg is needed at all, unless it is busy.
    private static func home(
        of bridge: FleetBridge,
        populated: [String: Int],
        alive: Set<String>,
        isBusy: Bool
    ) -> String? {
        if let home = bridge.record.home, alive.contains(home) {
            if populated[home] == nil, !isBusy, populated.count == 1, let only = populated.keys.first { return only }
            return home
        }
        return populated.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
