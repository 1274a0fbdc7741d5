import ARI
import Fleet
import Foundation
import Testing

@Suite("Who is heard in a holding bridge")
struct SpeakerTests {
    /// `a` at the home `ast1`, `b` on `ast2`.
    private static func state(_ speakers: [Speaker], type: String = "holding") -> FleetState {
        var state = FleetState.made(["ast1": [.made("a")], "ast2": [.made("b")]])
        var record = FleetBridge.Record(id: "room", name: "", type: type, creationtime: "", home: "ast1")
        record.speakers = speakers
        state.beginConducting(["room": record])
        state.bridges["room"]?.parts = ["ast1", "ast2"]
        state.enter(.made("a"), .made("room", ["a"]), node: "ast1")
        state.enter(.made("b"), .made("room", ["b"]), node: "ast2")
        return state
    }

    private static func speaking(_ state: FleetState) throws -> String? {
        state.speakingNode(of: try #require(state.bridges["room"]))
    }

    @Test(
        "the first that came and is there, at its node; music is at the home",
        arguments: [
            ([], nil), ([.music("")], "ast1"), ([.channel("b")], "ast2"), ([.channel("gone")], nil),
            ([.channel("gone"), .channel("b"), .music("")], "ast2"), ([.music(""), .channel("b")], "ast1"),
        ] as [([Speaker], String?)]
    )
    func first(speakers: [Speaker], node: String?) throws {
        #expect(try Self.speaking(Self.state(speakers)) == node)
        #expect(try Self.speaking(Self.state(speakers, type: "mixing")) == nil)
    }

    @Test("a playback speaks until its end is told, and is not interrupted by who comes then")
    func playback() throws {
        var state = Self.state([])
        state.bridges["room"]?.playing = ["p"]
        #expect(try Self.speaking(state) == "ast1")
        #expect(state.plan(for: "room") == [.dial(from: "ast2", home: "ast1", flow: .outward)])
        state.bridges["room"]?.record.speakers = [.channel("b")]
        #expect(try Self.speaking(state) == "ast1")
        var finished = Event.made("PlaybackFinished")
        finished.playback = .made("p", "bridge:room")
        _ = state.apply(finished, node: "ast1", incarnation: "1")
        #expect(try Self.speaking(state) == "ast2")
        state.bridges["room"]?.legs = [Leg(id: LegID(word: "x", flow: .inward), node: "ast2", home: "ast1")]
        state.bridges["room"]?.playing = ["q"]
        #expect(try Self.speaking(state) == "ast2", "who is heard goes on")
    }

    @Test("the home of music stays the home, and what it plays does not outlive it")
    func home() throws {
        var state = Self.state([.music("jazz")])
        state.bridges["room"]?.playing = ["p"]
        _ = state.apply(
            .made("ChannelLeftBridge", channel: .made("a"), bridge: .made("room", [])),
            node: "ast1",
            incarnation: "1"
        )
        #expect(!state.plan(for: "room").contains(.elect(home: "ast2")))
        _ = state.update(nodes: [.made("ast2")])
        #expect(state.plan(for: "room").contains(.elect(home: "ast2")))
        #expect(state.bridges["room"]?.playing == [])
        #expect(state.bridges["room"]?.record.music == "jazz")
    }

    @Test("music keeps its turn when it changes, and announcers come after who is there")
    func notes() throws {
        var record = FleetBridge.Record(id: "room", name: "", type: "holding", creationtime: "")
        record.note(["b"], in: "announcer", present: ["b"])
        record.note(music: "")
        record.note(["c"], in: "announcer", present: ["b", "c"])
        record.note(music: "jazz")
        #expect(record.speakers == [.channel("b"), .music("jazz"), .channel("c")])
        let written = try JSONEncoder().encode(record)
        #expect(try JSONDecoder().decode(FleetBridge.Record.self, from: written) == record)
        record.note(["c"], in: "participant", present: ["c"])
        #expect(record.speakers == [.music("jazz")], "who left, and who came back in another role, is none")
        record.note(music: nil)
        #expect(record.speakers == nil)
    }

    @Test("a speaker is written as one word", arguments: [Speaker.music(""), .music("a:b"), .channel("x:1")])
    func words(speaker: Speaker) { #expect(Speaker(rawValue: speaker.rawValue) == speaker) }

    @Test(
        "what a client asks a bridge to say",
        arguments: [
            ("POST", "bridges/room/play?media=sound:beep", .play(nil)),
            ("POST", "bridges/room/play/p?media=sound:beep", .play("p")),
            ("POST", "bridges/room/play?playbackId=p", .play("p")), ("POST", "bridges/room/moh", .music("")),
            ("POST", "bridges/room/moh?mohClass=jazz", .music("jazz")), ("DELETE", "bridges/room/moh", .endOfMusic),
            ("POST", "bridges/room/record?name=r", nil), ("POST", "channels/a/moh", nil), ("POST", "bridges/moh", nil),
        ] as [(String, String, Announcement?)]
    )
    func announcements(method: String, path: String, announcement: Announcement?) throws {
        let request = try #require(ARIRequest(method: method, target: "/ari/" + path, prefix: "/ari"))
        #expect(Announcement(request) == announcement)
    }
}
