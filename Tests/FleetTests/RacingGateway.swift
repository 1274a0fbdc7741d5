import ARI
import Fleet

/// One gateway of a ``RacingFleet``: what it knows, what has not reached it yet, and what it is about to do.
struct RacingGateway {
    /// One step of what a conductor does, between which anything else may happen.
    enum Step {
        case create, destroy, resume, reconcile
        case add(String)
        case remove(String)
        case awaitLeaving(String, patience: Int)
        case perform(LegPlan.Directive)
        case writeHome(String, FleetBridge.Record, version: Int)
        case leave([String])
        /// A leg that has been dialled: the call arrives, is answered, and is one.
        case arrive(Leg)
        case answer(Leg)
        case complete(Leg)
        case endPart(String)
        case endRecord(patience: Int)
    }

    var state = FleetState()
    /// Events of each node that have not come yet.
    var inbox: [String: [(incarnation: String, sequence: UInt64, event: Event)]] = [:]
    /// Lists that were asked for and have not been taken in.
    var lists: [String: (incarnation: String, channels: [Channel], bridges: [Bridge], since: UInt64)] = [:]
    var work: [Step] = []
    /// Legs that are being made.
    var dialling: Set<LegID> = []
    /// Elected, and waiting until every node has been listed.
    var isTakingOver = false

    var bridge: FleetBridge? {
        get { state.bridges[RacingFleet.room] }
        set { state.bridges[RacingFleet.room] = newValue }
    }

    /// Takes in the next event of a node.
    /// - Returns: whether events before it were missed.
    mutating func hear(_ node: String) -> Bool {
        guard inbox[node]?.isEmpty == false, let next = inbox[node]?.removeFirst() else { return false }
        let hasMissed = state.advance(node: node, incarnation: next.incarnation, to: next.sequence)
        guard state.apply(next.event, node: node, incarnation: next.incarnation) else { return false }
        if hasMissed { state.doubt(node: node) }
        if next.event.type != "ChannelCreated" { work.append(.reconcile) }
        return hasMissed
    }

    /// Takes in the list of a node, however old it is by now.
    mutating func takeList(_ node: String) {
        guard let list = lists.removeValue(forKey: node), state.mirrors[node]?.incarnation == list.incarnation else {
            return
        }
        _ = state.replace(node: node, channels: list.channels, bridges: list.bridges, since: list.since)
        if state.isConducting { work.append(.resume) }
    }
}
