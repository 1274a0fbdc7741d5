import ARI
import Fleet
import Testing

@Suite("What keeps a home")
struct HomeWorkTests {
    /// A bridge whose home has no member any more.
    private static var state: FleetState {
        var state = FleetState.made(["ast1": [], "ast2": [.made("b")]])
        state.beginConducting(["room": .init(id: "room", name: "", type: "mixing", creationtime: "", home: "ast1")])
        state.bridges["room"]?.parts = ["ast1", "ast2"]
        state.enter(.made("b"), .made("room", ["b"]), node: "ast2")
        return state
    }

    private static func isKept(_ state: FleetState) -> Bool { !state.plan(for: "room").contains(.elect(home: "ast2")) }

    private static func asked(_ method: String, _ path: String) throws -> ARIRequest {
        try #require(ARIRequest(method: method, target: "/ari/bridges/room/" + path, prefix: "/ari"))
    }

    @Test("what is played or recorded in the bridge, for as long as it lasts")
    func work() throws {
        var state = Self.state
        #expect(!Self.isKept(state))
        let said: [(String, Bool)] = [("Started", true), ("Finished", false)]
        for (end, isKept) in said {
            var event = Event.made("Playback\(end)")
            event.playback = Playback.made("p", "bridge:room")
            _ = state.apply(event, node: "ast1", incarnation: "1")
            #expect(Self.isKept(state) == isKept)
        }
        var elsewhere = Event.made("PlaybackStarted")
        elsewhere.playback = Playback.made("q", "bridge:other")
        _ = state.apply(elsewhere, node: "ast1", incarnation: "1")
        #expect(!Self.isKept(state))
    }

    @Test("music until it is taken away, and variables")
    func belongings() throws {
        var state = Self.state
        for (method, isKept) in [("POST", true), ("DELETE", false)] {
            state.bridges["room"]?.note(try Self.asked(method, "moh"))
            #expect(Self.isKept(state) == isKept)
        }
        state.bridges["room"]?.note(try Self.asked("GET", "variable"))
        #expect(!Self.isKept(state))
        state.bridges["room"]?.note(try Self.asked("POST", "variable"))
        #expect(Self.isKept(state))
    }
}
