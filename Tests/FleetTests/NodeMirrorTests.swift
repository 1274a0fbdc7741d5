import ARI
import Fleet
import Testing

@Suite("What is known of one node")
struct NodeMirrorTests {
    @Test("a channel lives from its creation to its end, and a late event does not bring it back")
    func life() {
        var mirror = NodeMirror(incarnation: "1")
        mirror.apply(.made("ChannelCreated", channel: .made("c")))
        mirror.apply(.made("StasisStart", to: "tts", channel: .made("c")))
        #expect(mirror.channels["c"]?.application == "tts")
        mirror.apply(.made("ChannelDestroyed", channel: .made("c")))
        mirror.apply(.made("StasisStart", to: "tts", channel: .made("c")))
        #expect(mirror.channels.isEmpty)
    }

    @Test("entry to Stasis may be told before the creation: two sockets have no common order")
    func order() {
        var mirror = NodeMirror(incarnation: "1")
        mirror.apply(.made("StasisStart", to: "tts", channel: .made("c")))
        mirror.apply(.made("ChannelCreated", channel: .made("c")))
        #expect(mirror.channels["c"]?.application == "tts")
    }

    @Test("only the observer's copies tell who is in a bridge")
    func bridges() {
        var mirror = NodeMirror(incarnation: "1")
        mirror.apply(.made("ChannelEnteredBridge", channel: .made("c"), bridge: .made("b", ["c"])))
        mirror.apply(.made("ChannelLeftBridge", channel: .made("c"), bridge: .made("b", [])))
        mirror.apply(.made("ChannelEnteredBridge", to: "tts", channel: .made("c"), bridge: .made("b", ["c"])))
        #expect(mirror.bridges["b"]?.channels == [])
        #expect(mirror.channels["c"]?.bridge == nil)
    }

    @Test("which variables a channel has is remembered by name, in bounds, until it ends")
    func variables() {
        var mirror = NodeMirror(incarnation: "1")
        func set(_ name: String, of channel: String, to application: String = NodeMirror.observer) {
            var event = Event.made("ChannelVarset", to: application, channel: .made(channel))
            event.variable = name
            mirror.apply(event)
        }
        for channel in ["c", "d"] { mirror.apply(.made("ChannelCreated", channel: .made(channel))) }
        for name in ["CUSTOMER", "BRIDGEPEER", "__TRACE", "CUSTOMER"] { set(name, of: "c") }
        set("HEARD", of: "c", to: "tts")
        #expect(mirror.variables == ["c": ["CUSTOMER", "__TRACE", "HEARD"]])
        for number in 0..<1000 { set("V\(number)", of: "d") }
        #expect(mirror.variables["d"]?.count == 64)
        mirror.apply(.made("ChannelDestroyed", channel: .made("c")))
        set("LATE", of: "c")
        set("EARLY", of: "unknown", to: "tts")
        #expect(mirror.variables.keys.sorted() == ["d"])
    }

    @Test("a jump in the sequence is a gap, the first number is not")
    func gaps() {
        var mirror = NodeMirror(incarnation: "1")
        let gaps = [7, 8, 9, 12, 13].map { mirror.advance(to: $0) }
        #expect(gaps == [false, false, false, true, false])
    }

    @Test("a list ends what it does not show, but not what came after it was asked for")
    func listing() {
        var mirror = NodeMirror(incarnation: "1")
        _ = mirror.advance(to: 1)
        mirror.apply(.made("ChannelCreated", channel: .made("old")))
        mirror.apply(.made("ChannelCreated", channel: .made("kept")))
        let since = mirror.sequence
        _ = mirror.advance(to: 2)
        mirror.apply(.made("ChannelCreated", channel: .made("new")))
        let missed = mirror.replace(
            channels: [.made("kept", application: "tts,x")],
            bridges: [.made("b", ["kept"])],
            since: since
        )
        #expect(missed.gone.map(\.channel.id) == ["old"])
        #expect(missed.entered == [], "nothing was missed")
        #expect(Set(mirror.channels.keys) == ["kept", "new"])
        #expect(mirror.channels["kept"]?.application == "tts")
        #expect(mirror.channels["kept"]?.bridge == "b")
    }

    @Test("a list ends a bridge whose end was missed, and brings back none whose end came after it was asked for")
    func missedBridges() {
        var mirror = NodeMirror(incarnation: "1")
        for (sequence, bridge) in [(1, "missed"), (2, "ended"), (4, "new")] {
            _ = mirror.advance(to: UInt64(sequence))
            mirror.apply(.made("ChannelEnteredBridge", channel: .made("c"), bridge: .made(bridge, ["c"])))
        }
        _ = mirror.advance(to: 5)
        mirror.apply(.made("BridgeDestroyed", bridge: .made("ended", [])))
        _ = mirror.replace(channels: [], bridges: [.made("ended", ["c"]), .made("unheard", [])], since: 3)
        #expect(mirror.bridges.keys.sorted() == ["new", "unheard"])
    }

    @Test("a channel that ended while events were missed is mourned once: its late events are hidden")
    func mourning() {
        var state = FleetState.made(["ast1": [.made("a"), .made("b")]])
        _ = state.advance(node: "ast1", incarnation: "1", to: 5)
        let gone = state.replace(node: "ast1", channels: [.made("b")], bridges: [], since: 5).gone
        #expect(gone.map(\.channel.id) == ["a"])
        for type in ["StasisEnd", "ChannelDestroyed", "StasisStart"] {
            let late = Event.made(type, to: "app", channel: .made("a"))
            _ = state.apply(late, node: "ast1", incarnation: "1")
            #expect(state.verdict(on: late, from: "ast1") == .hidden)
            #expect(state.verdict(on: .made(type, to: "app", channel: .made("b")), from: "ast1") == .unchanged)
        }
    }

    @Test("a channel that entered an application while events were missed is welcomed once")
    func welcoming() {
        var state = FleetState.made(["ast1": [.made("known")]])
        let inside = Channel.made("a", application: "app,x,")
        _ = state.apply(.made("StasisStart", to: "app", channel: .made("known")), node: "ast1", incarnation: "1")
        _ = state.advance(node: "ast1", incarnation: "1", to: 5)
        state.doubt(node: "ast1")
        let listed = [inside, .made("known", application: "app")]
        #expect(state.replace(node: "ast1", channels: listed, bridges: [], since: 5).entered.map(\.channel.id) == ["a"])
        #expect(state.replace(node: "ast1", channels: listed, bridges: [], since: 5).entered == [])

        func verdict(_ type: String, to application: String) -> EventVerdict {
            let event = Event.made(type, to: application, channel: inside)
            _ = state.apply(event, node: "ast1", incarnation: "1")
            return state.verdict(on: event, from: "ast1")
        }
        #expect(verdict("StasisStart", to: "app") == .hidden)
        #expect(verdict("ChannelDtmfReceived", to: "app") == .unchanged)
        #expect(verdict("StasisEnd", to: "app") == .unchanged)
        #expect(verdict("StasisStart", to: "app") == .unchanged, "it has come back")
    }
}
