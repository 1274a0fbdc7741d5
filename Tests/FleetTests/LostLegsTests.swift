import ARI
import Fleet
import Testing

@Suite("Legs and parts that are not what they were")
struct LostLegsTests {
    private static let leg = LegID(word: "00000000-0000-4000-8000-000000000001")
    private static let near = Channel.made(leg.channel(on: "ast2"), context: LegID.context, exten: "s")
    private static let far = Channel.made("ast1-far", context: LegID.context, exten: leg.description)

    /// `a` at the home `ast1`, `b` on `ast2`, a leg between them, on a gateway that conducts.
    private static var state: FleetState {
        var state = FleetState.made(["ast1": [.made("a"), far], "ast2": [.made("b"), near]])
        state.beginConducting(["room": .init(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1")])
        state.bridges["room"]?.legs = [Leg(id: leg, node: "ast2", home: "ast1", farChannel: far.id)]
        for (node, channels) in [("ast1", [Channel.made("a"), far]), ("ast2", [.made("b"), near])] {
            state.bridges["room"]?.parts.insert(node)
            for index in channels.indices {
                state.enter(channels[index], .made("room", channels[...index].map(\.id)), node: node)
            }
        }
        return state
    }

    @Test("a leg ends with the run of its node, also when the next run is there at once")
    func restart() {
        var state = Self.state
        #expect(state.plan(for: "room").isEmpty)
        _ = state.update(nodes: [.made("ast1"), .made("ast2", incarnation: "2")])
        state.bridges["room"]?.joining = ["c": "ast2"]
        _ = state.apply(.made("ChannelCreated", channel: .made("c")), node: "ast2", incarnation: "2")
        #expect(state.plan(for: "room").contains(.dial(from: "ast2", home: "ast1")))
    }

    @Test("a leg with an end that has left the bridge is made anew")
    func left() {
        for (node, channel, own) in [("ast1", Self.far, "a"), ("ast2", Self.near, "b")] {
            var state = Self.state
            let left = Event.made("ChannelLeftBridge", channel: channel, bridge: .made("room", [own]))
            _ = state.apply(left, node: node, incarnation: "1")
            #expect(state.plan(for: "room").first == .dial(from: "ast2", home: "ast1"))
        }
    }

    @Test("a list tells that an end of a leg has left the bridge")
    func listed() {
        var state = Self.state
        state.doubt(node: "ast2")
        _ = state.replace(
            node: "ast2",
            channels: [.made("b"), Self.near],
            bridges: [.made("room", ["b"])],
            since: 100
        )
        #expect(state.survey(of: "room").legs.map(\.isBroken) == [true])
    }

    @Test("a part made anew is not forgotten when the end of the former one is told late")
    func lateEnd() {
        var state = Self.state
        _ = state.apply(.made("BridgeDestroyed", bridge: .made("room", [])), node: "ast2", incarnation: "1")
        #expect(state.parts(of: "room") == ["ast1"])
        _ = state.apply(.made("BridgeCreated", bridge: .made("room", [])), node: "ast2", incarnation: "1")
        #expect(state.bridges["room"]?.parts == ["ast1", "ast2"])
    }
}
