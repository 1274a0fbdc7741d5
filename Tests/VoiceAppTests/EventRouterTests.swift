import ARI
import Testing

@testable import VoiceApp

@Suite("Event router")
struct EventRouterTests {
    private var router = EventRouter(application: "app", limit: 2)

    private mutating func receive(_ type: String, _ members: [String: JSONValue] = [:]) throws -> EventRouter.Directive?
    {
        router.receive(try EventFixtures.event(type, members))
    }

    private mutating func receive(_ type: String, on channel: String) throws -> EventRouter.Directive? {
        try receive(type, ["channel": EventFixtures.channel(channel)])
    }

    private func channel(_ id: String, in application: String? = nil) throws -> Channel {
        try EventFixtures.decode(EventFixtures.channel(id, application: application))
    }

    @Test("a call begins once, with its arguments, and ends once")
    mutating func lifeOfACall() throws {
        let start: [String: JSONValue] = ["channel": EventFixtures.channel("a"), "args": ["one", "two"]]
        #expect(try receive("StasisStart", start) == .begin(channel("a"), arguments: ["one", "two"]))
        #expect(try receive("StasisStart", start) == nil)
        #expect(try receive("StasisEnd", on: "a") == .end(call: "a"))
        #expect(try receive("ChannelDestroyed", on: "a") == nil)
        #expect(router.calls.isEmpty)
    }

    @Test("an event of another application, or of nobody's channel, is nobody's")
    mutating func strangers() throws {
        #expect(
            try receive("StasisStart", ["channel": EventFixtures.channel("a"), "application": "other"]) == nil
        )
        #expect(try receive("StasisEnd", on: "a") == nil)
        #expect(try receive("ChannelDtmfReceived", ["channel": EventFixtures.channel("a"), "digit": "1"]) == nil)
        #expect(try receive("SomethingNew") == nil)
        #expect(try receive("StasisStart") == nil)
    }

    @Test(
        "events of a call",
        arguments: [
            ("ChannelDtmfReceived", ["channel": EventFixtures.channel("a"), "digit": "5"], .digit("5")),
            ("ChannelHangupRequest", ["channel": EventFixtures.channel("a")], .leaving),
            (
                "PlaybackFinished",
                ["playback": ["id": "p", "media_uri": "sound:x", "target_uri": "channel:a", "state": "done"]],
                .playbackFinished(id: "p", failed: false)
            ),
            (
                "PlaybackFinished",
                ["playback": ["id": "p", "media_uri": "sound:x", "target_uri": "channel:a", "state": "failed"]],
                .playbackFinished(id: "p", failed: true)
            ),
            (
                "RecordingFinished",
                [
                    "recording": [
                        "name": "r", "format": "wav", "target_uri": "channel:a", "state": "done", "duration": 3,
                    ]
                ],
                .recordingFinished(name: "r", seconds: 3)
            ),
            (
                "RecordingFailed",
                [
                    "recording": [
                        "name": "r", "format": "wav", "target_uri": "channel:a", "state": "failed", "cause": "disk",
                    ]
                ],
                .recordingFailed(name: "r", cause: "disk")
            ),
        ] as [(String, [String: JSONValue], Notice)]
    )
    mutating func notices(type: String, members: [String: JSONValue], notice: Notice) throws {
        #expect(try receive(type, members) == nil)
        _ = try receive("StasisStart", on: "a")
        #expect(try receive(type, members) == .notify(call: "a", notice))
    }

    @Test("a leg's events go to the call that dialled it, until it is released")
    mutating func legs() throws {
        _ = try receive("StasisStart", on: "a")
        router.adopt(leg: "leg", by: "a")
        let ringing: [String: JSONValue] = ["channel": EventFixtures.channel("leg", state: "Ringing")]
        let ended: [String: JSONValue] = ["channel": EventFixtures.channel("leg"), "cause": 17]
        #expect(try receive("ChannelStateChange", ringing) == .notify(call: "a", .legRinging(id: "leg")))
        let busy: [String: JSONValue] = ["peer": EventFixtures.channel("leg"), "dialstatus": "BUSY"]
        #expect(try receive("Dial", busy) == .notify(call: "a", .legBusy(id: "leg")))
        #expect(try receive("StasisStart", on: "leg") == .notify(call: "a", .legAnswered(id: "leg")))
        #expect(try receive("ChannelDestroyed", ended) == .notify(call: "a", .legEnded(id: "leg", cause: 17)))
        #expect(try receive("ChannelDestroyed", ended) == nil)
        router.adopt(leg: "leg2", by: "a")
        router.release(leg: "leg2")
        #expect(try receive("ChannelDestroyed", on: "leg2") == nil)
    }

    @Test("a leg that answers after its call has gone is dropped, not taken for a call")
    mutating func orphan() throws {
        let start: [String: JSONValue] = ["channel": EventFixtures.channel("leg"), "args": ["dialled", "a"]]
        #expect(try receive("StasisStart", start) == .dropLeg(channel: "leg"))
    }

    @Test("too many calls, and calls during shutdown, are turned away")
    mutating func limits() throws {
        _ = try receive("StasisStart", on: "a")
        _ = try receive("StasisStart", on: "b")
        #expect(try receive("StasisStart", on: "c") == .refuse(channel: "c"))
        _ = try receive("StasisEnd", on: "a")
        router.isOpen = false
        #expect(try receive("StasisStart", on: "d") == .refuse(channel: "d"))
    }

    @Test("after an interruption, calls that went are ended and calls that came are begun")
    mutating func resynchronisation() throws {
        _ = try receive("StasisStart", on: "gone")
        _ = try receive("StasisStart", on: "there")
        router.adopt(leg: "lost", by: "there")
        router.confirm(leg: "lost")
        router.adopt(leg: "being dialled", by: "there")
        let waiting = try channel("new", in: "app,1,2")
        let directives = router.resynchronise([
            try channel("there", in: "app"), waiting, try channel("elsewhere", in: "application"),
            try channel("in the dialplan"), try channel("orphan", in: "app,dialled,gone"),
        ])
        #expect(
            directives == [
                .notify(call: "there", .legEnded(id: "lost", cause: nil)), .end(call: "gone"),
                .begin(waiting, arguments: ["1", "2"]), .dropLeg(channel: "orphan"),
            ]
        )
        #expect(
            try receive("StasisStart", on: "being dialled") == .notify(call: "there", .legAnswered(id: "being dialled"))
        )
    }

    @Test(
        "the node in a channel id",
        arguments: [
            ("ast1-1795384449.97", "ast1"), ("west-2-1795384449.97", "west-2"), ("1795384449.97", nil),
            ("-1.2", nil), ("ast1-1.2.3", nil), ("ast1-x.1", nil), ("dial-0b7c", nil), ("", nil),
        ] as [(String, String?)]
    )
    func nodeNames(id: String, name: String?) {
        #expect(NodeName.ofChannel(id) == name)
    }

    @Test(
        "why nobody answered",
        arguments: [
            (17, false, .busy), (19, false, .noAnswer), (21, false, .rejected), (nil, false, .unavailable),
            (nil, true, .noAnswer), (3, false, .unavailable), (0, true, .noAnswer),
        ] as [(Int?, Bool, DialOutcome)]
    )
    func outcomes(cause: Int?, timedOut: Bool, outcome: DialOutcome) {
        #expect(DialOutcome.failure(cause: cause, timedOut: timedOut) == outcome)
    }
}
