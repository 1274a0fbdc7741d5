import ARI
import Fleet
import Testing

@Suite("Races for one bridge")
struct BridgeRacesTests {
    /// Whatever happened, in whatever order it was heard of: when nothing more happens, the bridge is a star, or gone.
    @Test("a bridge that everybody has pulled at ends as a star", arguments: 0..<400)
    func convergence(seed: Int) {
        var fleet = RacingFleet(seed: UInt64(seed))
        for _ in 0..<Int.random(in: 20...300, using: &fleet.random) { fleet.somethingHappens() }
        let rounds = fleet.settle()
        #expect(rounds != nil, "seed \(seed): it settles within \(RacingFleet.patience) rounds")
        expectStar(fleet, seed)
    }

    /// With one conductor there is never a way in a circle, on which sound would run for ever, and never a second home.
    @Test("one conductor makes no circle, at any moment", arguments: 0..<200)
    func safety(seed: Int) {
        var fleet = RacingFleet(seed: UInt64(seed) &+ 10_000)
        fleet.hasOneConductor = true
        for moment in 0..<300 {
            fleet.somethingHappens()
            let legs = fleet.legs
            #expect(fleet.isAcyclic, "seed \(seed), moment \(moment): \(legs)")
            #expect(
                Set(legs.map { Set([$0.near, $0.far]) }).count == legs.count,
                "seed \(seed), moment \(moment): \(legs)"
            )
        }
        #expect(fleet.settle() != nil, "seed \(seed)")
        expectStar(fleet, seed)
    }

    /// A channel that is removed and added at once is in, however late its leaving is heard of.
    @Test("who was added stays in", arguments: 0..<200)
    func membership(seed: Int) {
        var fleet = RacingFleet(seed: UInt64(seed) &+ 20_000)
        fleet.hasOneConductor = true
        fleet.isRough = false
        for _ in 0..<300 { fleet.somethingHappens() }
        #expect(fleet.settle() != nil, "seed \(seed)")
        #expect(Set(fleet.populated.flatMap { fleet.members(on: $0) }) == fleet.wanted, "seed \(seed)")
    }

    private func expectStar(_ fleet: RacingFleet, _ seed: Int) {
        let gateway = fleet.gateways[fleet.conductor]
        guard let record = fleet.record else {
            #expect(fleet.parts.isEmpty, "seed \(seed): parts of no bridge")
            #expect(fleet.legEnds.isEmpty, "seed \(seed): legs of no bridge")
            return
        }
        #expect(record.ending != true, "seed \(seed): an end that was begun comes")
        #expect(fleet.gateways.allSatisfy { $0.bridge?.record == record }, "seed \(seed): one home, known to all")
        let populated = fleet.populated
        let home = record.home ?? ""
        #expect(Set(fleet.legs.map(\.near)) == populated.subtracting([home]), "seed \(seed): all reach the home")
        #expect(fleet.legs.allSatisfy { $0.far == home && $0.near != home }, "seed \(seed): legs end at the home")
        #expect(fleet.legs.count == Set(fleet.legs.map(\.near)).count, "seed \(seed): one leg for each node")
        #expect(fleet.legEnds.count == 2 * fleet.legs.count, "seed \(seed): no half of a leg: \(fleet.legEnds)")
        #expect(fleet.parts.isSubset(of: populated.union([home])), "seed \(seed): parts \(fleet.parts)")
        #expect(fleet.parts.isSuperset(of: populated))
        #expect(populated.isEmpty || fleet.nodes[home] != nil, "seed \(seed): the home lives")
        #expect(gateway.state.plan(for: RacingFleet.room).isEmpty, "seed \(seed): a star is left alone")
    }
}

extension RacingFleet {
    /// How many rounds of everything being heard, noticed and done may pass before nothing changes any more.
    static let patience = 12

    /// Whether nodes are tied together in no more than one way.
    var isAcyclic: Bool {
        var group = Dictionary(uniqueKeysWithValues: Self.names.map { ($0, $0) })
        for leg in legs {
            guard let near = group[leg.near], let far = group[leg.far], near != far else { return false }
            for (name, its) in group where its == far { group[name] = near }
        }
        return true
    }

    /// One thing, of all that can happen now.
    mutating func somethingHappens() {
        let index = Int.random(in: 0...1, using: &random)
        guard let node = Self.names.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<200, using: &random) {
        case 0..<70: step(index)
        case 70..<130: hear(node, at: index)
        case 130..<138: gateways[index].takeList(node)
        case 138..<146: if !orphans.isEmpty { notice(Int.random(in: orphans.indices, using: &random)) }
        case 146..<150: lookAtNodes(index)
        case 150..<155: lookAtRecords(index)
        case 155..<160: lookAtConductor(index)
        case 160..<163: survey(index)
        case 163..<167: call(node)
        case 167..<170: if let channel = someChannel(on: node) { hangUp(channel, on: node) }
        case 170..<174: ask(.create)
        case 174..<187: if let channel = someChannel(on: node) { ask(.add(channel)) }
        case 187..<191: if let channel = someChannel(on: node) { ask(.remove(channel)) }
        case 191..<194:
            if let channel = someChannel(on: node) {
                ask(.remove(channel))
                ask(.add(channel))
            }
        case 194: ask(.destroy)
        case 195..<197: if isRough { nodes[node] == nil ? revive(node) : die(node) }
        case 197..<199: if !hasOneConductor { conductor = 1 - conductor }
        default: if !hasOneConductor { begin(index) }
        }
    }

    private mutating func someChannel(on node: String) -> String? {
        nodes[node]?.channels.values.filter { LegID(channel: $0) == nil }.map(\.id).sorted()
            .randomElement(using: &random)
    }

    /// Lets everything be heard, noticed and done until nothing changes.
    /// - Returns: how many rounds it took; nil when there is no end to it.
    mutating func settle() -> Int? {
        isRough = false
        // A word from each node, so that what was lost before is noticed.
        for name in Self.names where nodes[name] != nil { call(name) }
        for round in 1...Self.patience {
            let before = portrait
            for index in gateways.indices {
                lookAtNodes(index)
                lookAtConductor(index)
            }
            hearEverything()
            for index in gateways.indices {
                lookAtConductor(index)
                lookAtRecords(index)
                survey(index)
            }
            doEverything()
            if round > 3, before == portrait { return round }
        }
        return nil
    }

    private mutating func hearEverything() {
        while !orphans.isEmpty { notice(0) }
        for index in gateways.indices {
            for node in Self.names {
                while gateways[index].inbox[node]?.isEmpty == false { hear(node, at: index) }
                gateways[index].takeList(node)
            }
        }
    }

    private mutating func doEverything() {
        for index in gateways.indices {
            var steps = 0
            while !gateways[index].work.isEmpty, steps < 500 {
                step(index)
                hearEverything()
                steps += 1
            }
        }
    }

    private var portrait: String {
        let parts = nodes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.part ?? ["none"])" }
        return "\(parts) \(record.map { "\($0)" } ?? "") \(gateways.map { $0.bridge?.legs.count ?? 0 })"
    }
}
