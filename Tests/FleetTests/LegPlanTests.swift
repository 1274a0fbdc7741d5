import Fleet
import Testing

@Suite("The star of a fleet bridge")
struct LegPlanTests {
    private static func bridge(
        home: String? = nil,
        parts: Set<String> = [],
        legs: [Leg] = [],
        type: String = "mixing"
    ) -> FleetBridge {
        FleetBridge(
            record: .init(id: "room", name: "", type: type, creationtime: "", home: home),
            parts: parts,
            legs: legs
        )
    }

    private static func leg(_ node: String, _ home: String, _ word: String = "x", _ flow: LegFlow = .both) -> Leg {
        Leg(id: LegID(word: "\(node)\(word)", flow: flow), node: node, home: home, farChannel: "\(home)-1.1")
    }

    @Test("members of one node need no leg")
    func oneNode() {
        #expect(
            LegPlan.plan(Self.bridge(), members: ["ast1": 2], alive: ["ast1", "ast2"]) == [
                .elect(home: "ast1"), .createPart(node: "ast1"),
            ]
        )
    }

    @Test("a channel on another node joins through one leg")
    func twoNodes() {
        let bridge = Self.bridge(home: "ast1", parts: ["ast1"])
        #expect(
            LegPlan.plan(bridge, members: ["ast1": 1, "ast2": 3], alive: ["ast1", "ast2"]) == [
                .createPart(node: "ast2"), .dial(from: "ast2", home: "ast1"),
            ]
        )
    }

    @Test("a leg goes with the last member of its node, and the part with it")
    func lastLeaves() {
        let leg = Self.leg("ast2", "ast1")
        let bridge = Self.bridge(home: "ast1", parts: ["ast1", "ast2"], legs: [leg])
        #expect(
            LegPlan.plan(bridge, members: ["ast1": 1], alive: ["ast1", "ast2"]) == [
                .hangUp(leg), .destroyPart(node: "ast2"),
            ]
        )
    }

    @Test("a home without members moves when one other node is left: then no leg is needed")
    func homeMoves() {
        let leg = Self.leg("ast2", "ast1")
        let bridge = Self.bridge(home: "ast1", parts: ["ast1", "ast2"], legs: [leg])
        #expect(
            LegPlan.plan(bridge, members: ["ast2": 1], alive: ["ast1", "ast2"]) == [
                .elect(home: "ast2"), .hangUp(leg), .destroyPart(node: "ast1"),
            ]
        )
    }

    @Test("a home that plays or records something stays the home, and ties itself to who is left")
    func busyHome() {
        let leg = Self.leg("ast2", "ast1")
        let bridge = Self.bridge(home: "ast1", parts: ["ast1", "ast2"], legs: [leg])
        #expect(LegPlan.plan(bridge, members: ["ast2": 1], alive: ["ast1", "ast2"], isHomeBusy: true).isEmpty)
        #expect(
            LegPlan.plan(bridge, members: ["ast2": 1], alive: ["ast2"], isHomeBusy: true) == [
                .elect(home: "ast2"), .hangUp(leg),
            ]
        )
    }

    @Test("when the home dies the survivor with the most members takes over, and the others call it")
    func homeDies() {
        let legs = [Self.leg("ast2", "ast1"), Self.leg("ast3", "ast1")]
        let bridge = Self.bridge(home: "ast1", parts: ["ast2", "ast3"], legs: legs)
        #expect(
            LegPlan.plan(bridge, members: ["ast2": 1, "ast3": 2], alive: ["ast2", "ast3"]) == [
                .elect(home: "ast3"), .dial(from: "ast2", home: "ast3"), .hangUp(legs[0]), .hangUp(legs[1]),
            ]
        )
    }

    @Test(
        "a holding bridge has legs while something speaks in it, away from the node where it speaks",
        arguments: [
            (nil, []),
            ("ast1", [("ast2", .outward), ("ast3", .outward)]),
            ("ast2", [("ast2", .inward), ("ast3", .outward)]),
        ] as [(String?, [(String, LegFlow)])]
    )
    func holding(speaking: String?, legs: [(String, LegFlow)]) {
        let bridge = Self.bridge(home: "ast1", parts: ["ast1", "ast2", "ast3"], type: "holding")
        let nodes = ["ast1", "ast2", "ast3"]
        let members = Dictionary(uniqueKeysWithValues: nodes.map { ($0, 1) })
        #expect(
            LegPlan.plan(bridge, members: members, alive: Set(nodes), speaking: speaking)
                == legs.map { .dial(from: $0.0, home: "ast1", flow: $0.1) }
        )
    }

    @Test("a leg that flows the wrong way goes before the other comes: a part takes one announcer")
    func turned() {
        let old = [Self.leg("ast2", "ast1", "x", .outward), Self.leg("ast3", "ast1", "x", .outward)]
        let bridge = Self.bridge(home: "ast1", parts: ["ast1", "ast2", "ast3"], legs: old, type: "holding")
        let members = ["ast1": 1, "ast2": 1, "ast3": 1]
        let alive = Set(members.keys)
        #expect(
            LegPlan.plan(bridge, members: members, alive: alive, speaking: "ast2") == [
                .hangUp(old[0]), .dial(from: "ast2", home: "ast1", flow: .inward),
            ]
        )
        #expect(LegPlan.plan(bridge, members: members, alive: alive, speaking: "ast1").isEmpty)
        #expect(LegPlan.plan(bridge, members: members, alive: alive) == old.map { .hangUp($0) })
    }

    @Test("a leg that lost its far end is made anew")
    func brokenLeg() {
        var leg = Self.leg("ast2", "ast1")
        leg.isBroken = true
        let bridge = Self.bridge(home: "ast1", parts: ["ast1", "ast2"], legs: [leg])
        #expect(
            LegPlan.plan(bridge, members: ["ast1": 1, "ast2": 1], alive: ["ast1", "ast2"]) == [
                .dial(from: "ast2", home: "ast1"), .hangUp(leg),
            ]
        )
    }

    @Test("nothing is done for a bridge without members, and nothing on dead nodes")
    func emptyOrDead() {
        #expect(LegPlan.plan(Self.bridge(), members: [:], alive: ["ast1"]).isEmpty)
        let bridge = Self.bridge(home: "ast1", parts: ["ast1"], legs: [])
        #expect(LegPlan.plan(bridge, members: ["ast1": 1], alive: []).isEmpty)
    }

    /// Whatever state a bridge was found in, one plan, carried out, makes a star, and a second plan finds nothing to do.
    @Test("from any state one plan leads to a star", arguments: 0..<500, ["mixing", "holding"])
    func invariants(seed: Int, type: String) {
        var random = SeededGenerator(seed: UInt64(seed))
        let nodes = (1...5).map { "ast\($0)" }
        let alive = Set(nodes.filter { _ in Bool.random(using: &random) })
        var members: [String: Int] = [:]
        for node in nodes where Bool.random(using: &random) { members[node] = Int.random(in: 0...3, using: &random) }
        let legs = (0..<Int.random(in: 0...6, using: &random)).map { index in
            var leg = Self.leg(
                nodes.randomElement(using: &random) ?? "ast1",
                nodes.randomElement(using: &random) ?? "ast2",
                "\(index)",
                type == "mixing" ? .both : LegFlow.allCases.randomElement(using: &random) ?? .both
            )
            leg.isBroken = Int.random(in: 0...3, using: &random) == 0
            return leg
        }
        let home = Bool.random(using: &random) ? nodes.randomElement(using: &random) : nil
        let parts = Set(nodes.filter { alive.contains($0) && Bool.random(using: &random) })
        var bridge = Self.bridge(home: home, parts: parts, legs: legs, type: type)
        let populated = Set(members.filter { $0.value > 0 && alive.contains($0.key) }.keys)
        let speaking = type == "mixing" ? nil : populated.sorted().randomElement(using: &random)

        bridge.carryOut(LegPlan.plan(bridge, members: members, alive: alive, speaking: speaking))

        guard let star = bridge.record.home, !populated.isEmpty else {
            #expect(bridge.legs.isEmpty)
            return
        }
        #expect(alive.contains(star))
        #expect(
            bridge.legs.allSatisfy { $0.home == star && $0.node != star && !$0.isBroken },
            "legs end at the home only"
        )
        #expect(
            bridge.legs.allSatisfy { leg in
                leg.id.flow == (speaking == nil ? .both : leg.node == speaking ? .inward : .outward)
            },
            "all hear who speaks"
        )
        #expect(
            Set(bridge.legs.map(\.node)) == populated.subtracting([star]),
            "every node with members reaches the home"
        )
        #expect(bridge.legs.count == Set(bridge.legs.map(\.node)).count, "at most one leg per pair of nodes")
        #expect(bridge.parts == populated.union([star]), "only nodes with members, and the home")
        #expect(
            LegPlan.plan(bridge, members: members, alive: alive, speaking: speaking).isEmpty,
            "a star is left alone"
        )
    }
}

extension FleetBridge {
    /// What the gateway would have made of a plan.
    mutating func carryOut(_ directives: [LegPlan.Directive]) {
        for directive in directives {
            switch directive {
            case .elect(let home): record.home = home
            case .createPart(let node): parts.insert(node)
            case .dial(let node, let home, let flow):
                legs.append(Leg(id: LegID(word: "new-\(node)", flow: flow), node: node, home: home))
            case .hangUp(let leg): legs.removeAll { $0.id == leg.id }
            case .destroyPart(let node): parts.remove(node)
            }
        }
    }
}

/// SplitMix64: the same numbers on every run, so that a failure can be looked at again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
