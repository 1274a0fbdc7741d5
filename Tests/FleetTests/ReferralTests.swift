import ARI
import Registry
import Testing

@testable import Fleet

@Suite("Phones that are asked to call again")
struct ReferralTests {
    /// `old` on ast1, in `app` and in the room; ast2; the phone is asked.
    private static func fleet(asking: String = "first") -> FleetState {
        var state = FleetState.made(["ast1": [], "ast2": []])
        state.bridges["room"] = FleetBridge(
            record: .init(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1"),
            parts: ["ast1"]
        )
        let old = Channel.made("old", application: "app,one")
        state.apply(.made("StasisStart", to: "app", channel: old), on: "ast1")
        state.enter(old, .made("room", ["old"]), node: "ast1")
        state.tell(asking, on: "ast1")
        return state
    }

    private static func event(_ type: String, to application: String) -> Event {
        .made(type, to: application, channel: .made("old"), bridge: .made("room", []))
    }

    @Test("only the phone that was asked comes in, to the node it was told, once")
    func admission() {
        var state = Self.fleet()
        let referral = Referral(of: "demo", to: "ast2")
        let call = Channel.made("ast2-1.1", state: "Ring", exten: referral.number)
        var stranger = call
        stranger.caller.number = "other"
        let early = state.admit(call, by: referral.token, on: "ast2")
        #expect(!early, "nobody was asked")
        state.expect(referral)
        let refused: [(Channel, String?, String)] = [
            (call, String(repeating: "0", count: 32), "ast2"), (call, "", "ast2"), (call, nil, "ast2"),
            (stranger, referral.token, "ast2"), (call, referral.token, "ast1"),
        ]
        let answers = refused.map { state.admit($0.0, by: $0.1, on: $0.2) }
        #expect(!answers.contains(true))
        #expect(state.admitted(referral) == nil)
        var second = call
        second.id = "ast2-1.2"
        let came = [call, second].map { state.admit($0, by: referral.token, on: "ast2") }
        #expect(came == [true, false])
        let channel = state.forget(referral)
        #expect(channel == "ast2-1.1")
        let late = state.admit(call, by: referral.token, on: "ast2")
        #expect(!late, "it is over")
    }

    @Test("the number that a phone calls has a new token each time, and names the node whatever its name")
    func number() {
        let numbers = ["ast2", "node-0.site"].map { Referral(of: "demo", to: $0).number }
        for (number, node) in zip(numbers, ["ast2", "node-0.site"]) {
            #expect(number.wholeMatch(of: /move-[0-9a-f]{32}-.+/) != nil)
            #expect(number.dropFirst(38) == node, "where the edge's script looks for it")
        }
        #expect(numbers[0].prefix(38) != numbers[1].prefix(38))
    }

    @Test("no application hears that the channel leaves its bridge and comes back, in whichever order the copies come")
    func comesBack() {
        var state = Self.fleet()
        let types = ["ChannelLeftBridge", "ChannelEnteredBridge", "ChannelLeftBridge"]
        let before = types.map { state.timing(of: Self.event($0, to: "app")) }
        #expect(before == [.unlessItComesBack, .never, .whenMoved])
        state.apply(.made("ChannelStateChange", channel: .moved("new")), on: "ast2")
        state.apply(.made("StasisStart", to: "app", channel: .moved("new")), on: "ast2")
        let after = types.map { state.timing(of: Self.event($0, to: "late")) }
        #expect(after == [.unlessItComesBack, .never, .afterOthers])
    }

    @Test("meanwhile the channel counts as in its bridge, for clients and for the star, as it was put in")
    func stays() {
        var state = Self.fleet()
        state.bridges["room"]?.options["old"] = ["mute": "true"]
        state.apply(Self.event("ChannelLeftBridge", to: NodeMirror.observer), on: "ast1")
        #expect(state.members(of: "room") == ["ast1": ["old"]])
        #expect(state.bridges["room"].map { state.view(of: $0).channels } == ["old"])
        #expect(state.bridges["room"]?.options["old"] == ["mute": "true"])
        state.enter(.made("old"), .made("room", ["old"]), node: "ast1")
        state.apply(Self.event("ChannelLeftBridge", to: NodeMirror.observer), on: "ast1")
        #expect(state.members(of: "room").isEmpty, "it was back, so now it has left")
    }

    @Test("what gateways note on the channel, and what Asterisk notes of its absence, is for no application")
    func hidden() {
        let state = Self.fleet()
        let notes = [Referral.variable, BridgingNote.variable] + ChannelTreatment.allCases.map(\.rawValue)
        for variable in notes + ["BRIDGEPEER"] {
            var set = Event.made("ChannelVarset", to: "app", channel: .made("old"))
            set.variable = variable
            set.value = "PJSIP/edge-00000002"
            #expect(state.verdict(on: set, from: "ast1") == .hidden)
        }
    }

    @Test("a phone that is no longer asked has its call as before, and the end of one asking is not that of the next")
    func withdrawn() {
        var state = Self.fleet(asking: "second")
        state.withdraw("old", "first")
        #expect(state.isAsked("old"))
        state.tell("", on: "ast1")
        #expect(!state.isAsked("old"))
        let told = ["ChannelLeftBridge", "ChannelEnteredBridge"].map { state.timing(of: Self.event($0, to: "app")) }
        #expect(told == [.now, .now])
    }

    @Test("a call that the phone ends before the new one has come is remembered for it")
    func former() {
        var state = Self.fleet()
        let end = Event.made("StasisEnd", to: "app", channel: .made("old"))
        state.apply(Self.event("ChannelLeftBridge", to: NodeMirror.observer), on: "ast1")
        state.apply(.made("ChannelDestroyed", channel: .made("old")), on: "ast1")
        let early = state.timing(of: end)
        #expect(early == .whenMoved)
        #expect(state.members(of: "room").isEmpty)
        #expect(state.bridges["room"].map { state.view(of: $0).channels } == [])
        state.apply(.made("ChannelStateChange", channel: .moved("new")), on: "ast2")
        let start = Event.made("StasisStart", to: "app", channel: .moved("new"))
        state.apply(start, on: "ast2")
        guard case .replacing(let former) = state.verdict(on: start, from: "ast2") else {
            Issue.record("the new channel does not say whom it replaces")
            return
        }
        #expect(former.id == "old")
        let late = state.timing(of: end)
        #expect(late == .afterOthers)
    }
}

extension Channel {
    fileprivate static func moved(_ id: String) -> Channel {
        var channel = Channel.made(id, context: CallMove.context)
        channel.channelvars = [CallMove.variable: "old"]
        return channel
    }
}

extension FleetState {
    fileprivate mutating func apply(_ event: Event, on node: String) {
        _ = apply(event, node: node, incarnation: "1")
    }

    /// The node tells that the phone of `old` is asked, or no longer.
    fileprivate mutating func tell(_ asking: String, on node: String) {
        var set = Event.made("ChannelVarset", channel: .made("old"))
        set.variable = Referral.variable
        set.value = asking
        apply(set, on: node)
    }
}
