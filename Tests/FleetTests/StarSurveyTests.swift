import ARI
import Fleet
import Testing

@Suite("A star read from what the nodes show")
struct StarSurveyTests {
    private static let words = (0..<40).map { "00000000-0000-4000-8000-0000000000\($0 + 10)" }

    private static func near(_ leg: LegID, on node: String, made: String? = nil) -> Channel {
        var channel = Channel.made(leg.channel(on: node), context: LegID.context, exten: "s")
        channel.channelvars = made.map { [LegID.variable: $0] }
        return channel
    }

    private static func far(_ leg: LegID, on node: String) -> Channel {
        .made("\(node)-\(leg)-far", context: LegID.context, exten: leg.description)
    }

    /// `a` at the home `ast1`, `b` on `ast2`, a leg between them.
    private static func state(leg: LegID, nearIn: Bool = true, farIn: Bool = true, listed: Bool = true) -> FleetState {
        var state = FleetState.made(["ast1": [.made("a")], "ast2": [.made("b")]])
        let near = near(leg, on: "ast2", made: "room")
        let far = far(leg, on: "ast1")
        state.bridges["room"] = FleetBridge(
            record: .init(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1")
        )
        let channels: [String: [Channel]] = ["ast1": [.made("a"), far], "ast2": [.made("b"), near]]
        let rooms = ["ast1": ["a"] + (farIn ? [far.id] : []), "ast2": ["b"] + (nearIn ? [near.id] : [])]
        for node in listed ? ["ast1", "ast2"] : ["ast2"] {
            _ = state.replace(
                node: node,
                channels: channels[node] ?? [],
                bridges: [.made("room", rooms[node] ?? [])],
                since: 0
            )
        }
        return state
    }

    @Test("both ends of a leg are found, by id and by where it came in")
    func whole() {
        let id = LegID(word: Self.words[0])
        let survey = Self.state(leg: id).survey(of: "room")
        #expect(survey.parts == ["ast1", "ast2"])
        #expect(survey.legs == [Leg(id: id, node: "ast2", home: "ast1", farChannel: "ast1-\(id)-far")])
    }

    @Test("a leg that was being made when the conductor died belongs to its bridge and is broken")
    func halfMade() {
        for (nearIn, farIn) in [(false, false), (true, false), (false, true)] {
            let state = Self.state(leg: LegID(word: Self.words[0]), nearIn: nearIn, farIn: farIn)
            #expect(state.survey(of: "room").legs.map(\.isBroken) == [true])
            #expect(state.strayLegs().isEmpty)
        }
    }

    @Test("nothing is said of a leg whose other end may be on a node that is not listed yet")
    func unlisted() {
        let state = Self.state(leg: LegID(word: Self.words[0]), listed: false)
        #expect(state.survey(of: "room").legs.isEmpty)
        #expect(state.strayLegs().isEmpty)
    }

    @Test("a leg of no bridge is a stray; a channel that only looks like one is not")
    func strays() {
        var state = Self.state(leg: LegID(word: Self.words[0]))
        state.bridges["room"] = nil
        #expect(state.strayLegs().map(\.id.description) == ["leg-" + Self.words[0]])
        let client = FleetState.made(["ast1": [.made("my-leg-1"), .made("ast1-leg-1")]])
        #expect(client.strayLegs().isEmpty)
    }

    /// A fleet in some state with the conductor gone at any point of its work: what the next one finds leads to a star in one plan,
    /// and no leg of a star that was right is hung up.
    @Test("a conductor that starts anew ends with a star and keeps what was right", arguments: 0..<500)
    func restart(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed) &+ 77)
        let nodes = (1...5).map { "ast\($0)" }
        let home = "ast1"
        var channels: [String: [Channel]] = [:]
        var room: [String: [String]] = [:]
        for node in nodes where node == home || Bool.random(using: &random) {
            let members = (0..<Int.random(in: node == home ? 1...2 : 0...2, using: &random)).map { "\(node)-1.\($0)" }
            channels[node] = members.map { .made($0) }
            if !members.isEmpty || node == home { room[node] = members }
        }
        var right: Set<LegID> = []
        var number = 0
        func addLeg(_ node: String, _ target: String, nearIn: Bool, farIn: Bool, farThere: Bool) {
            let id = LegID(word: Self.words[number])
            number += 1
            channels[node, default: []].append(Self.near(id, on: node, made: "room"))
            if nearIn { room[node, default: []].append(id.channel(on: node)) }
            guard farThere else { return }
            channels[target, default: []].append(Self.far(id, on: target))
            if farIn { room[target, default: []].append("\(target)-\(id)-far") }
            if nearIn, farIn, target == home { right.insert(id) }
        }
        let populated = nodes.filter { node in
            node != home && (room[node]?.isEmpty == false)
        }
        for node in populated where Int.random(in: 0...9, using: &random) < 8 {
            addLeg(node, home, nearIn: true, farIn: true, farThere: true)
        }
        let complete = right
        // What was being made, or left behind, when the conductor died.
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let node = nodes.dropFirst().randomElement(using: &random) ?? "ast2"
            addLeg(node, home, nearIn: Bool.random(using: &random), farIn: false, farThere: Bool.random(using: &random))
        }
        let holders = nodes.filter { channels[$0] != nil || room[$0] != nil }
        var state = FleetState()
        _ = state.update(nodes: holders.map { .made($0) })
        for node in holders {
            _ = state.replace(
                node: node,
                channels: channels[node] ?? [],
                bridges: room[node].map { [.made("room", $0)] } ?? [],
                since: 0
            )
        }
        state.beginConducting(["room": .init(id: "room", name: "", type: "mixing", creationtime: "", home: home)])
        state.adopt(state.survey(of: "room"), for: "room")

        let members = state.members(of: "room").mapValues(\.count)
        guard var bridge = state.bridges["room"] else { return }
        let plan = LegPlan.plan(bridge, members: members, alive: state.alive)
        for case .hangUp(let leg) in plan { #expect(!complete.contains(leg.id), "a right leg is kept") }
        bridge.carryOut(plan)
        #expect(
            Set(bridge.legs.map(\.node)) == Set(members.filter { $0.value > 0 }.keys).subtracting([home]),
            "every node with members reaches the home"
        )
        #expect(bridge.legs.count == Set(bridge.legs.map(\.node)).count, "at most one leg per pair of nodes")
        #expect(bridge.legs.allSatisfy { $0.home == home && !$0.isBroken })
        #expect(state.strayLegs().isEmpty)
    }

    @Test("on a gateway that does not conduct a bridge is shown as the nodes show it, and its end as the record says")
    func following() {
        var state = Self.state(leg: LegID(word: Self.words[0]))
        var record = FleetBridge.Record(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1")
        state.follow(["room": record])
        #expect(state.bridgeReports().map(\.legs.count) == [1])
        #expect(state.bridgeReports().map(\.nodes) == [["ast1", "ast2"]])
        record.ending = true
        state.follow(["room": record])
        #expect(state.fleetBridge("room") == nil)
        state.follow([:])
        #expect(state.bridges["room"] != nil, "kept for the last events of its parts")
        for node in ["ast1", "ast2"] {
            _ = state.apply(.made("BridgeDestroyed", bridge: .made("room", [])), node: node, incarnation: "1")
        }
        state.purgeForgotten()
        #expect(state.bridges["room"] != nil)
        state.purgeForgotten()
        #expect(state.bridges["room"] == nil)
    }
}
