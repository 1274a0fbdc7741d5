import ARI
import Fleet
import Testing

@Suite("Where a user event is said, and about what")
struct UserEventRouteTests {
    /// `a` and `a2` on `ast1`, `b` on `ast2`; `room` with `a`, `spanning` with `a` and `b`, `empty` without a part, `local` of the
    /// dialplan on `ast2`.
    private static var state: FleetState {
        var state = FleetState.made(["ast1": [.made("a"), .made("a2")], "ast2": [.made("b")]])
        for (id, home) in [("room", "ast1"), ("spanning", "ast1"), ("empty", nil)] {
            state.bridges[id] = FleetBridge(
                record: .init(id: id, name: id, type: "mixing", creationtime: "", home: home)
            )
        }
        state.enter(.made("a"), .made("room", ["a"]), node: "ast1")
        state.enter(.made("a"), .made("spanning", ["a"]), node: "ast1")
        state.enter(.made("b"), .made("spanning", ["b"]), node: "ast2")
        state.enter(.made("b"), .made("local", ["b"]), node: "ast2")
        return state
    }

    @Test(
        "what one node can tell is left to it, as it was asked",
        arguments: [
            ([], nil), (["endpoint:PJSIP/x"], nil), (["channel:b"], "ast2"), (["channel:a", "bridge:room"], "ast1"),
            (["channel:b", "bridge:spanning"], "ast2"), (["bridge:spanning", "endpoint:PJSIP/x"], "ast1"),
            (["channel:b", "bridge:local"], "ast2"), (["channel:found"], "ast2"),
        ] as [([String], String?)]
    )
    func whole(sources: [String], node: String?) {
        let route = Self.state.route(ofUserEventAbout: sources, found: ["found": "ast2"])
        #expect(route == UserEventRoute(node: node, sources: sources))
    }

    @Test(
        "of what several nodes have, the last of each kind is told by the node of the channel",
        arguments: [
            (["channel:a", "channel:b"], "ast2", ["channel:b"], nil),
            (["channel:b", "channel:a", "bridge:room"], "ast1", ["channel:a", "bridge:room"], nil),
            (["bridge:room", "endpoint:PJSIP/x", "channel:b"], "ast2", ["channel:b", "endpoint:PJSIP/x"], "room"),
            (["channel:a", "bridge:local"], "ast1", ["channel:a"], "local"), (["bridge:empty"], nil, [], "empty"),
            (["bridge:local", "bridge:room"], "ast1", ["bridge:room"], nil),
        ] as [([String], String?, [String], String?)]
    )
    func joined(sources: [String], node: String?, told: [String], bridge: String?) {
        let route = Self.state.route(ofUserEventAbout: sources)
        #expect((route.node, route.sources) == (node, told))
        #expect(route.bridge?.id == bridge)
    }

    @Test(
        "the first source that is wrong is all that is asked for: a node says what is wrong with it",
        arguments: ["channel:none", "bridge:none", "nonsense", "deviceState:x"]
    )
    func wrong(source: String) {
        let route = Self.state.route(ofUserEventAbout: ["channel:a", source, "bridge:none"])
        #expect(route == UserEventRoute(sources: [source]))
    }

    @Test("a carried bridge is put where it belongs, and its members are shown once")
    func carried() throws {
        let event: JSONValue = [
            "type": "ChannelUserevent", "userevent": ["k": "v", "asterism_bridge": ["id": "room"]],
        ]
        #expect(
            CarriedBridge.unpacked(event) == [
                "type": "ChannelUserevent", "userevent": ["k": "v"], "bridge": ["id": "room"],
            ]
        )
        #expect(CarriedBridge.unpacked(["userevent": ["k": "v"]]) == nil)
        let state = Self.state
        let view = state.view(of: try #require(state.bridges["room"]))
        let told = Event.made("ChannelUserevent", to: "app", channel: .made("b"), bridge: view)
        if case .bridge(let bridge) = state.verdict(on: told, from: "ast2") { #expect(bridge.channels == ["a"]) }
    }
}
