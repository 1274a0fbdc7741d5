import ARI
import Foundation
import Testing

@Suite("Generated messages")
struct MessageTests {
    private static let channel = #"""
        {"id":"ast1-1.1","name":"PJSIP/edge-00000000","state":"Ring","protocol_id":"x@y","caller":{"name":"","number":"demo"},
        "connected":{"name":"","number":""},"accountcode":"","dialplan":{"context":"default","exten":"8001","priority":2,
        "app_name":"Stasis","app_data":"tts"},"creationtime":"2026-01-01T00:00:00.000+0000","language":"en",
        "channelvars":{"NICKNAME":"x"}}
        """#

    /// What Asterisk puts around an event.
    private static func event(_ type: String, _ members: String) -> String {
        #"""
        {"type":"\#(type)","timestamp":"2026-01-01T00:00:00.000+0000",\#(members),"asterisk_id":"02:00:00:00:00:01",
        "application":"tts"}
        """#
    }

    private static func message(_ text: String) throws -> Message {
        try JSONDecoder().decode(Message.self, from: Data(text.utf8))
    }

    @Test("an event has all that Asterisk says")
    func start() throws {
        let text = Self.event("StasisStart", #""args":["a","b"],"channel":\#(Self.channel)"#)
        guard case .stasisStart(let event) = try Self.message(text) else {
            Issue.record("it is another event")
            return
        }
        #expect(event.application == "tts")
        #expect(event.asteriskID == "02:00:00:00:00:01")
        #expect(event.args == ["a", "b"])
        #expect(event.channel.protocolID == "x@y")
        #expect(event.channel.dialplan.appData == "tts")
        #expect(event.channel.channelvars == ["NICKNAME": "x"])
        #expect(event.replaceChannel == nil)
    }

    @Test("one name has a type of its own in each event")
    func peers() throws {
        let dial = Self.event("Dial", #""dialstatus":"RINGING","dialstring":"a","peer":\#(Self.channel)"#)
        guard case .dial(let dialled) = try Self.message(dial) else {
            Issue.record("it is another event")
            return
        }
        #expect(dialled.peer.id == "ast1-1.1")
        let peer = #"""
            "endpoint":{"technology":"PJSIP","resource":"a","state":"online","channel_ids":[]},"peer":{"peer_status":"Reachable"}
            """#
        guard case .peerStatusChange(let changed) = try Self.message(Self.event("PeerStatusChange", peer)) else {
            Issue.record("it is another event")
            return
        }
        #expect(changed.peer.peerStatus == "Reachable")
        #expect(changed.endpoint.resource == "a")
    }

    @Test(
        "a message goes in and comes out the same, whether its type is known or not",
        arguments: [
            event("StasisEnd", #""channel":\#(channel)"#),
            event("ChannelDtmfReceived", #""digit":"5","duration_ms":120,"channel":\#(channel)"#),
            event("ChannelVarset", #""variable":"A","value":"1""#),
            event("ChannelUserevent", #""eventname":"e","userevent":{"eventname":"e","n":1,"list":[true,null]}"#),
            event("DeviceStateChanged", #""device_state":{"name":"Stasis:door","state":"INUSE"}"#),
            event("ApplicationReplaced", #""of_a_later_release":true"#),
            event("OfALaterRelease", #""any":{"thing":[1,2.5]}"#),
            #"{"type":"MissingParams","params":["app"]}"#,
        ]
    )
    func roundTrip(text: String) throws {
        let message = try Self.message(text)
        let again = try JSONDecoder().decode(Message.self, from: try JSONEncoder().encode(message))
        #expect(message == again)
    }

    @Test("what is not known is kept as it is")
    func unknown() throws {
        guard case .unknown("Later", let json) = try Self.message(#"{"type":"Later","any":1}"#) else {
            Issue.record("it is known")
            return
        }
        #expect(json == ["type": "Later", "any": 1])
    }

    @Test(
        "what lacks what it must have is refused",
        arguments: [#"{"application":"tts"}"#, event("StasisEnd", #""args":[]"#)]
    )
    func refused(text: String) {
        #expect(throws: DecodingError.self) { try Self.message(text) }
    }
}
