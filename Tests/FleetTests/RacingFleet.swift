import ARI
import Fleet
import Foundation
import Registry

/// A fleet of four nodes with one bridge, two gateways and a registry, in which everything happens at a time of its own:
/// events and lists come late or not at all, nodes die, and the gateways take turns at conducting, with the old one still
/// in the middle of something. The gateways do what `BridgeConductor` does, step by step, with the rules of `Fleet`.
struct RacingFleet {
    static let room = "room"
    static let names = (1...4).map { "ast\($0)" }

    var random: SeededGenerator
    var nodes: [String: RacingNode] = [:]
    var gateways = [RacingGateway(), RacingGateway()]
    /// What the registry says: the bridge, with the version of its key, and who conducts.
    var record: FleetBridge.Record?
    var version = 0
    var conductor = 0
    /// Ends of legs whose other end is gone, which they have not noticed yet.
    var orphans: [(node: String, channel: String)] = []
    /// The channels that were added, and have not been removed and not hung up.
    var wanted: Set<String> = []
    /// Whether events may get lost and nodes may die.
    var isRough = true
    /// Whether the first gateway conducts all the time.
    var hasOneConductor = false
    private var number = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for name in Self.names {
            revive(name)
            for _ in 0..<3 { call(name) }
        }
        for index in gateways.indices { begin(index) }
        ask(.create)
    }

    /// A gateway that has just come learns what there is.
    mutating func begin(_ index: Int) {
        gateways[index] = RacingGateway()
        lookAtNodes(index)
        for name in Self.names { gateways[index].takeList(name) }
        lookAtRecords(index)
        lookAtConductor(index)
    }

    /// What an application wants is done by whoever conducts; another may have been elected by then.
    mutating func ask(_ step: RacingGateway.Step) {
        for index in gateways.indices where gateways[index].state.isConducting { gateways[index].work.append(step) }
    }

    // MARK: What is true

    /// Legs of which both ends are in parts of the bridge.
    var legs: [TrueLeg] {
        var found: [TrueLeg] = []
        for (near, node) in nodes {
            for id in node.part ?? [] {
                guard let leg = node.channels[id].flatMap({ LegID(channel: $0) }), leg.channel(on: near) == id else {
                    continue
                }
                for (far, other) in nodes where other.part?.contains(Self.farEnd(of: leg)) == true {
                    found.append(TrueLeg(id: leg, near: near, far: far))
                }
            }
        }
        return found
    }

    /// Nodes with real channels in their part.
    var populated: Set<String> { Set(nodes.keys.filter { !members(on: $0).isEmpty }) }

    var parts: Set<String> { Set(nodes.filter { $0.value.part != nil }.keys) }

    /// Every channel of a leg, in the bridge or not.
    var legEnds: [String] {
        nodes.values.flatMap { node in node.channels.values.filter { LegID(channel: $0) != nil }.map(\.id) }
    }

    func members(on node: String) -> [String] {
        (nodes[node]?.part ?? []).filter { id in nodes[node]?.channels[id].map { LegID(channel: $0) == nil } ?? false }
    }

    static func farEnd(of leg: LegID) -> String { "far-\(leg)" }

    // MARK: What happens by itself

    mutating func revive(_ name: String) {
        number += 1
        nodes[name] = RacingNode(incarnation: "\(number)")
    }

    mutating func die(_ name: String) {
        for channel in nodes[name]?.channels.keys.sorted() ?? [] { orphan(channel, on: name) }
        nodes[name] = nil
    }

    mutating func call(_ node: String) {
        number += 1
        nodes[node]?.begin(.made("\(node)-\(number)"))
        spread()
    }

    /// An end of a leg says BYE to the other, which hears of it later.
    mutating func hangUp(_ channel: String, on node: String) {
        orphan(channel, on: node)
        wanted.remove(channel)
        nodes[node]?.hangUp(channel)
        spread()
    }

    private mutating func orphan(_ channel: String, on node: String) {
        guard let leg = nodes[node]?.channels[channel].flatMap({ LegID(channel: $0) }) else { return }
        for name in Self.names where name != node {
            let other = channel == Self.farEnd(of: leg) ? leg.channel(on: name) : Self.farEnd(of: leg)
            if nodes[name]?.channels[other] != nil { orphans.append((name, other)) }
        }
    }

    mutating func notice(_ index: Int) {
        let orphan = orphans.remove(at: index)
        nodes[orphan.node]?.hangUp(orphan.channel)
        spread()
    }

    /// Sends what the nodes have said to both gateways; what the bus loses is noticed by the number of the next event.
    mutating func spread() {
        for (name, node) in nodes {
            for said in node.said {
                for index in gateways.indices where !isRough || Int.random(in: 0..<40, using: &random) > 0 {
                    gateways[index].inbox[name, default: []].append((node.incarnation, said.sequence, said.event))
                }
            }
            nodes[name]?.said = []
        }
    }

    // MARK: What a gateway notices

    mutating func hear(_ node: String, at index: Int) {
        if gateways[index].hear(node) { list(node, at: index) }
    }

    mutating func list(_ name: String, at index: Int) {
        guard let node = nodes[name], let mirror = gateways[index].state.mirrors[name],
            mirror.incarnation == node.incarnation
        else { return }
        gateways[index].lists[name] = (
            node.incarnation, Array(node.channels.values), node.bridges, mirror.sequence
        )
    }

    mutating func lookAtNodes(_ index: Int) {
        let records = nodes.sorted { $0.key < $1.key }.map {
            NodeRecord.made($0.key, incarnation: $0.value.incarnation)
        }
        let change = gateways[index].state.update(nodes: records)
        for node in change.begun { list(node.name, at: index) }
        if !change.lost.isEmpty { gateways[index].work.append(.reconcile) }
    }

    mutating func lookAtRecords(_ index: Int) {
        let records = record.map { [Self.room: $0] } ?? [:]
        guard gateways[index].state.isConducting else { return gateways[index].state.follow(records) }
        guard !gateways[index].state.differing(from: records).isEmpty else { return }
        review(index)
    }

    mutating func lookAtConductor(_ index: Int) {
        if conductor == index {
            gateways[index].isTakingOver = !gateways[index].state.isConducting
        } else if gateways[index].state.isConducting {
            gateways[index].state.endConducting()
            lookAtRecords(index)
        }
        // The registry's session keeps two from planning at once; what the former one is in the middle of goes on.
        guard !gateways[1 - index].state.isConducting else { return }
        guard gateways[index].isTakingOver, gateways[index].state.mirrors.values.allSatisfy(\.isListed) else { return }
        gateways[index].isTakingOver = false
        gateways[index].state.beginConducting(record.map { [Self.room: $0] } ?? [:])
        survey(index)
    }

    /// Looks at everything, as a conductor does now and then.
    mutating func survey(_ index: Int) {
        gateways[index].state.purgeForgotten()
        guard gateways[index].state.isConducting else { return }
        gateways[index].work.append(.resume)
        for leg in gateways[index].state.strayLegs() where !gateways[index].dialling.contains(leg.id) {
            hangUp(leg)
        }
    }

    private mutating func review(_ index: Int) {
        if let record {
            var bridge = gateways[index].bridge ?? FleetBridge(record: record)
            let isEnding = bridge.record.creationtime == record.creationtime && bridge.record.ending == true
            bridge.record = record
            if isEnding { bridge.record.ending = true }
            bridge.isForgotten = false
            gateways[index].bridge = bridge
        } else {
            gateways[index].bridge?.isForgotten = true
        }
        gateways[index].work.append(.resume)
    }

    mutating func hangUp(_ leg: Leg) {
        if nodes[leg.node]?.channels[leg.nearChannel] != nil { hangUp(leg.nearChannel, on: leg.node) }
        if let far = leg.farChannel, nodes[leg.home]?.channels[far] != nil { hangUp(far, on: leg.home) }
    }

    /// A number that nothing else has.
    mutating func next() -> Int {
        number += 1
        return number
    }
}
