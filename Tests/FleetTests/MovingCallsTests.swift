import ARI
import Fleet
import Registry
import Testing

@Suite("Calls that move to another node")
struct MovingCallsTests {
    /// `old` on ast1 in an application, and ast2.
    private static func fleet() -> FleetState {
        var state = FleetState.made(["ast1": [], "ast2": []])
        state.apply(
            .made("StasisStart", to: "app", channel: .made("old", exten: "7001", application: "app,one,two")),
            on: "ast1"
        )
        return state
    }

    private static func new(_ state: String = "Up") -> Channel {
        var channel = Channel.made("new", state: state, context: CallMove.context, exten: "7001")
        channel.channelvars = [CallMove.variable: "old"]
        return channel
    }

    @Test("the new channel enters with what the former one entered with, where it is called by load or by name")
    func plan() throws {
        let state = Self.fleet()
        let move = try state.move(of: "old", to: nil)
        #expect((move.from.name, move.to.name, move.stasis) == ("ast1", "ast2", "app,one,two"))
        #expect(try state.move(of: "old", to: "ast2").to.name == "ast2")
    }

    @Test("its bridge goes along, also while nothing has been heard of its being there")
    func bridge() throws {
        var state = Self.fleet()
        #expect(try state.move(of: "old", to: nil).bridge == nil)
        let record = FleetBridge.Record(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1")
        state.bridges["room"] = FleetBridge(record: record, joining: ["old": "ast1"])
        #expect(try state.move(of: "old", to: nil).bridge == "room")
        let entered = Event.made("ChannelEnteredBridge", channel: .made("old"), bridge: .made("room", ["old"]))
        state.apply(entered, on: "ast1")
        #expect(state.bridges["room"]?.joining.isEmpty == true)
        #expect(try state.move(of: "old", to: nil).bridge == "room")
    }

    @Test("what cannot be moved says why")
    func refusals() {
        var state = FleetState.made(["ast1": [.made("dialplan")], "ast2": []])
        for channel in [
            Channel.made("ringing", state: "Ring"), .made("local", name: "Local/9999@default-00000001;1"),
            .made("fine"),
        ] {
            state.apply(.made("StasisStart", to: "app", channel: channel), on: "ast1")
        }
        func refusal(_ id: String, to node: String? = nil) -> MoveRefusal? {
            do {
                _ = try state.move(of: id, to: node)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal("nobody") == .unknownChannel("nobody"))
        #expect(refusal("ringing") == .notAnswered("Ring"))
        #expect(refusal("dialplan") == .inNoApplication("dialplan"))
        #expect(refusal("local") == .notFromEdge("Local/9999@default-00000001;1"))
        #expect(refusal("fine", to: "ast1") == .alreadyThere("ast1"))
        #expect(refusal("fine", to: "ast9") == .unknownNode("ast9"))
        #expect(refusal("fine") == nil)
    }

    @Test("that the former channel goes is early until the new one has entered, whichever node tells first")
    func order() {
        var state = Self.fleet()
        let end = Event.made("StasisEnd", to: "app", channel: .made("old"))
        var timing = state.timing(of: end)
        #expect(timing == .now, "a call that does not move just ends")
        var set = Event.made("ChannelVarset", channel: .made("new", state: "Down"))
        set.variable = CallMove.variable
        set.value = "old"
        state.apply(set, on: "ast2")
        let others = [("ChannelDtmfReceived", "old"), ("StasisEnd", "other"), ("StasisEnd", "old")]
        let told = others.map { state.timing(of: .made($0.0, to: "app", channel: .made($0.1))) }
        #expect(told == [.now, .afterOthers, .whenMoved])
        state.apply(.made("ChannelDestroyed", channel: .made("old")), on: "ast1")
        let start = Event.made("StasisStart", to: "app", channel: Self.new())
        state.apply(start, on: "ast2")
        timing = state.timing(of: end)
        #expect(timing == .afterOthers)
        guard case .replacing(let former) = state.verdict(on: start, from: "ast2") else {
            Issue.record("the new channel does not say whom it replaces")
            return
        }
        #expect(former.id == "old", "known although it has gone already")
    }

    @Test(
        "whom the new channel replaces is known whichever event tells first, and when the former one has ended before",
        arguments: [true, false]
    )
    func late(hasEnded: Bool) {
        var state = Self.fleet()
        if hasEnded { state.apply(.made("ChannelDestroyed", channel: .made("old")), on: "ast1") }
        let start = Event.made("StasisStart", to: "app", channel: Self.new())
        state.apply(start, on: "ast2")
        #expect(
            state.verdict(on: start, from: "ast2")
                == .replacing(
                    .made("old", exten: hasEnded ? "8001" : "7001", application: hasEnded ? nil : "app,one,two")
                )
        )
        let timing = state.timing(of: .made("StasisEnd", to: "app", channel: .made("old")))
        #expect(timing == .afterOthers)
        // It goes, and what is heard of it later brings nothing back.
        state.apply(.made("ChannelDestroyed", channel: Self.new()), on: "ast2")
        state.apply(.made("ChannelLeftBridge", channel: Self.new(), bridge: .made("room", [])), on: "ast2")
        let after = state.timing(of: .made("StasisEnd", to: "app", channel: .made("old")))
        #expect(after == .now)
    }

    @Test("where a call is moved it is known before any node tells, until it does not move", arguments: [true, false])
    func begun(isAbandoned: Bool) throws {
        var state = Self.fleet()
        let move = try state.move(of: "old", to: nil)
        state.begin(move)
        if isAbandoned { state.abandon(move) }
        let timing = state.timing(of: .made("StasisEnd", to: "app", channel: .made("old")))
        #expect(timing == (isAbandoned ? .now : .whenMoved))
    }

    @Test("of the channels that ended, the last are remembered")
    func memory() {
        var state = FleetState.made(["ast1": [], "ast2": []])
        func isKnown(_ state: FleetState, _ former: String) -> Bool {
            var state = state
            var channel = Channel.made("new")
            channel.channelvars = [CallMove.variable: former]
            let start = Event.made("StasisStart", to: "app", channel: channel)
            state.apply(start, on: "ast2")
            if case .replacing(let channel) = state.verdict(on: start, from: "ast2") { return channel.id == former }
            return false
        }
        for number in 0...256 {
            state.apply(.made("ChannelDestroyed", channel: .made("old-\(number)")), on: "ast1")
        }
        #expect(!isKnown(state, "old-0"))
        #expect((1...256).allSatisfy { isKnown(state, "old-\($0)") })
    }

    @Test("a moved channel is known to be in its bridge, any other may be added again")
    func bridged() {
        var state = Self.fleet()
        state.apply(.made("StasisStart", to: "app", channel: Self.new()), on: "ast2")
        #expect(!state.isMoved("new", into: "room"))
        for (channel, node) in [(Self.new(), "ast2"), (Channel.made("old"), "ast1")] {
            state.enter(channel, .made("room", [channel.id]), node: node)
        }
        #expect(state.isMoved("new", into: "room"))
        #expect(!state.isMoved("new", into: "other"))
        #expect(!state.isMoved("old", into: "room"))
    }

    @Test("a move that fails leaves nothing to wait for", arguments: ["refused", "node lost"])
    func failure(how: String) {
        var state = Self.fleet()
        state.apply(.made("ChannelStateChange", channel: Self.new("Ringing")), on: "ast2")
        let end = Event.made("StasisEnd", to: "app", channel: .made("old"))
        var timing = state.timing(of: end)
        #expect(timing == .whenMoved)
        if how == "refused" {
            state.apply(.made("ChannelDestroyed", channel: Self.new("Down")), on: "ast2")
        } else {
            _ = state.update(nodes: [.made("ast1")])
        }
        timing = state.timing(of: end)
        #expect(timing == .now)
    }
}

extension FleetState {
    fileprivate mutating func apply(_ event: Event, on node: String) {
        _ = apply(event, node: node, incarnation: "1")
    }
}
