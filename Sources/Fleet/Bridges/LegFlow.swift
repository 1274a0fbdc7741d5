/// Which way sound goes through a leg. Part of the leg's name, so that whoever sees one of its ends knows.
package enum LegFlow: String, Sendable, CaseIterable {
    /// Everybody hears everybody.
    case both = ""
    /// From the home to the other node, whose part takes the leg for its announcer.
    case outward = "out-"
    /// To the home from the node of an announcer.
    case inward = "in-"

    /// The role with which the end on the dialling node enters its part of the bridge.
    package var nearRole: String? { self == .outward ? Speaker.role : nil }
    /// The role with which the end at the home enters.
    package var farRole: String? { self == .inward ? Speaker.role : nil }

    /// How the leg of a node has to flow so that all hear one node.
    package init(from speaking: String, of node: String) { self = node == speaking ? .inward : .outward }
}

extension FleetBridge {
    /// The node that all have been made to hear, as the legs show it.
    var heard: String? {
        let legs = legs.filter { $0.home == record.home && !$0.isBroken }
        if let inward = legs.first(where: { $0.id.flow == .inward }) { return inward.node }
        return legs.contains { $0.id.flow == .outward } ? record.home : nil
    }
}
