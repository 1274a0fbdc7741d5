import ARI
import Fleet
import Registry
import Testing

@Suite("What is known of the fleet")
struct FleetStateTests {
    @Test("a channel is found on its node")
    func owner() {
        let state = FleetState.made(["ast1": [.made("a")], "ast2": [.made("b")]])
        #expect(state.owner(ofChannel: "a") == "ast1")
        #expect(state.owner(ofChannel: "b") == "ast2")
        #expect(state.owner(ofChannel: "c") == nil)
    }

    @Test("an id that a client chose is the fleet's from the moment it is asked for")
    func reservation() {
        var state = FleetState.made(["ast1": [], "ast2": [.made("taken")]])
        let claims = [("mine", "ast1"), ("mine", "ast2"), ("taken", "ast1")].map {
            state.reserve(channel: $0.0, on: $0.1)
        }
        #expect(claims == [true, false, false])
        #expect(state.owner(ofChannel: "mine") == "ast1")
        state.release("mine")
        #expect(state.owner(ofChannel: "mine") == nil)
    }

    @Test("a node is found by name and by entity id, whatever the case")
    func names() {
        var state = FleetState()
        var node = NodeRecord.made("ast1")
        node.id = "02:AB:00:00:00:01"
        _ = state.update(nodes: [node])
        #expect(state.node(named: "ast1")?.name == "ast1")
        #expect(state.node(named: "02:ab:00:00:00:01")?.name == "ast1")
        #expect(state.node(named: "ast9") == nil)
    }

    @Test("a restart between two snapshots is noticed by the incarnation")
    func restart() {
        var state = FleetState.made(["ast1": [.made("a")]])
        let change = state.update(nodes: [.made("ast1", incarnation: "2")])
        #expect(change.lost.map(\.node.name) == ["ast1"])
        #expect(change.lost.first?.mirror.channels.keys.contains("a") == true)
        #expect(change.begun.map(\.name) == ["ast1"])
        #expect(state.owner(ofChannel: "a") == nil)
    }

    @Test("a run that was thought to be lost does not tell again what was said in its place")
    func lostForAWhile() {
        let end = Event.made("StasisEnd", to: "app", channel: .made("a"))
        var state = FleetState.made(["ast1": [.made("a"), .made("b")]])
        _ = state.update(nodes: [.made("ast1", health: .critical)])
        _ = state.update(nodes: [.made("ast1")])
        _ = state.apply(end, node: "ast1", incarnation: "1")
        #expect(state.verdict(on: end, from: "ast1") == .hidden)
        let other = Event.made("StasisStart", to: "app", channel: .made("c"))
        #expect(state.verdict(on: other, from: "ast1") == .unchanged)
        _ = state.update(nodes: [.made("ast1", incarnation: "2")])
        #expect(state.verdict(on: end, from: "ast1") == .unchanged, "another run may use the id again")
    }

    @Test("events of an earlier run are not taken for this one's")
    func staleEvents() {
        var state = FleetState.made(["ast1": []])
        let isCurrent = state.apply(.made("ChannelCreated", channel: .made("a")), node: "ast1", incarnation: "0")
        #expect(!isCurrent)
        #expect(state.owner(ofChannel: "a") == nil)
    }

    @Test("members are the real channels of all nodes, with those about to enter, without legs")
    func members() {
        let leg = LegID(word: "x")
        var state = FleetState.made(["ast1": [.made("a")], "ast2": [.made("b"), .made("c")]])
        state.bridges["room"] = FleetBridge(
            record: .init(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1"),
            parts: ["ast1", "ast2"]
        )
        state.enter(.made("a"), .made("room", ["a"]), node: "ast1")
        let near = Channel.made(leg.channel(on: "ast2"))
        state.enter(near, .made("room", ["b", near.id]), node: "ast2")
        state.bridges["room"]?.joining = ["c": "ast2", "elsewhere": "ast9"]
        #expect(state.members(of: "room").mapValues { Set($0) } == ["ast1": ["a"], "ast2": ["b", "c"]])
    }

    @Test("one about to enter is a member before any event tells of it, until it has ended", arguments: [true, false])
    func unheard(isEndHeard: Bool) {
        var state = FleetState.made(["ast1": [.made("a")], "ast2": []])
        state.bridges["room"] = FleetBridge(
            record: .init(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1"),
            joining: ["b": "ast2"]
        )
        #expect(state.members(of: "room") == ["ast2": ["b"]])
        if isEndHeard {
            _ = state.apply(.made("ChannelDestroyed", channel: .made("b")), node: "ast2", incarnation: "1")
        } else {
            _ = state.replace(node: "ast2", channels: [], bridges: [], since: 0)
        }
        #expect(state.members(of: "room").isEmpty)
    }
}
