import ARI
import Fleet
import Testing

@Suite("What clients see of a bridge that spans nodes")
struct ClientViewTests {
    private static let leg = LegID(word: "x")
    private static let near = Channel.made(leg.channel(on: "ast2"))
    private static let far = Channel.made("ast1-1.9", context: LegID.context, exten: leg.description)

    /// `a` at the home `ast1`, `b` on `ast2`, one leg between them.
    private static var state: FleetState {
        var state = FleetState.made(["ast1": [.made("a"), far], "ast2": [.made("b"), near]])
        state.bridges["room"] = FleetBridge(
            record: .init(id: "room", name: "lobby", type: "mixing", creationtime: "then", home: "ast1"),
            parts: ["ast1", "ast2"],
            legs: [Leg(id: leg, node: "ast2", home: "ast1", farChannel: far.id)]
        )
        state.enter(.made("a"), .made("room", ["a", far.id]), node: "ast1")
        state.enter(.made("b"), .made("room", ["b", near.id]), node: "ast2")
        return state
    }

    @Test("the view shows the channels of all nodes and no leg")
    func view() throws {
        let view = Self.state.view(of: try #require(Self.state.bridges["room"]))
        #expect(Set(view.channels) == ["a", "b"])
        #expect(view.technology == "softmix")
        #expect(view.creationtime == "then")
        #expect(view.name == "lobby")
    }

    @Test("a source of video is shown wherever it is, and a leg is none", arguments: ["ast1", "ast2"])
    func videoSource(node: String) throws {
        var state = Self.state
        let own = node == "ast1" ? ["a", Self.far.id] : ["b", Self.near.id]
        var part = Bridge.made("room", own)
        for (source, shown) in [(own[1], nil), (own[0], own[0])] {
            part.videoMode = "single"
            part.videoSourceID = source
            let event = Event.made("BridgeVideoSourceChanged", bridge: part)
            _ = state.apply(event, node: node, incarnation: "1")
            let view = state.view(of: try #require(state.bridges["room"]))
            #expect(view.videoSourceID == shown)
        }
    }

    @Test("an event of either node carries the whole bridge", arguments: ["ast1", "ast2"])
    func events(node: String) {
        let channel = node == "ast1" ? Channel.made("a") : Channel.made("b")
        let own = node == "ast1" ? ["a", Self.far.id] : ["b", Self.near.id]
        let event = Event.made("ChannelEnteredBridge", to: "app", channel: channel, bridge: .made("room", own))
        guard case .bridge(let bridge) = Self.state.verdict(on: event, from: node) else {
            Issue.record("the bridge was not replaced")
            return
        }
        #expect((bridge.creationtime, bridge.name) == ("then", "lobby"))
        #expect(Set(bridge.channels) == ["a", "b"])
    }

    @Test("events of legs and of local bridges are hidden")
    func hidden() {
        let state = Self.state
        for channel in [Self.near, Self.far] {
            for type in ["ChannelEnteredBridge", "ChannelDestroyed", "StasisStart", "ChannelDtmfReceived"] {
                #expect(state.verdict(on: .made(type, to: "app", channel: channel), from: "ast1") == .hidden)
            }
        }
        #expect(
            state.verdict(on: .made("BridgeDestroyed", to: "app", bridge: .made("room", [])), from: "ast2") == .hidden
        )
        var peer = Event.made("ChannelVarset", to: "app", channel: .made("a"))
        peer.variable = "BRIDGEPEER"
        peer.value = "PJSIP/trunk-00000003"
        #expect(state.verdict(on: peer, from: "ast1") == .value(Channel.made("b").name))
        peer.value = "PJSIP/edge-00000003"
        #expect(state.verdict(on: peer, from: "ast1") == .unchanged)
        peer.variable = "BRIDGEPVTCALLID"
        peer.value = "some-call-id"
        #expect(state.verdict(on: peer, from: "ast1") == .hidden)
        for id in [Self.near.id, Self.far.id, "PJSIP/trunk-1", "PJSIP/node-ast2-1"] {
            #expect(state.place(ofChannel: id) == .hidden)
        }
        #expect(state.place(ofChannel: "none") == .unknown)
    }

    @Test("that a bridge was made is told once, also when the word of its home comes later", arguments: ["ast1", nil])
    func made(home: String?) {
        var state = FleetState.made(["ast1": [], "ast2": []])
        state.bridges["room"] = FleetBridge(
            record: .init(id: "room", name: "lobby", type: "mixing", creationtime: "then", home: home)
        )
        var told: [String] = []
        for node in ["ast1", "ast2"] {
            let event = Event.made("BridgeCreated", bridge: .made("room", []))
            _ = state.apply(event, node: node, incarnation: "1")
            if state.verdict(on: event, from: node) != .hidden { told.append(node) }
        }
        #expect(told == ["ast1"])
    }

    @Test("an ordinary event passes as Asterisk wrote it")
    func unchanged() {
        let event = Event.made("ChannelDtmfReceived", to: "app", channel: .made("a"))
        #expect(Self.state.verdict(on: event, from: "ast1") == .unchanged)
        let other = Event.made("BridgeCreated", to: "app", bridge: .made("dialplan", ["z"]))
        #expect(Self.state.verdict(on: other, from: "ast2") == .unchanged)
    }
}
