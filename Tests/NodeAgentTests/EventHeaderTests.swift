import NIOCore
import Testing

@testable import NodeAgent

@Suite("Where an event goes")
struct EventHeaderTests {
    @Test(
        "the topic follows from recipient and channel",
        arguments: [
            (
                #"{"type":"StasisStart","args":[],"channel":{"id":"ast1-1.2","name":"x"},"application":"tts"}"#,
                "stasis.app.tts"
            ),
            (#"{"application":"tts","type":"ChannelDestroyed","channel":{"id":"ast1-1.2"}}"#, "stasis.app.tts"),
            (
                #"{"type":"ChannelDestroyed","cause":16,"channel":{"caller":{"id":"no"},"id":"ast1-1.2"},"application":"asterism"}"#,
                "stasis.channel.ast1-1.2"
            ),
            (#"{"type":"StasisStart","channel":{"id":"ast1-1.2"},"application":"asterism"}"#, "stasis.app.asterism"),
            (#"{"type":"StasisEnd","channel":{"id":"ast1-1.2"},"application":"asterism"}"#, "stasis.app.asterism"),
            (
                #"{"type":"BridgeCreated","bridge":{"id":"b","channels":[]},"application":"asterism"}"#,
                "stasis.node.ast1"
            ),
            (
                #"{"type":"ChannelVarset","variable":"X","value":"{\"id\":1}","application":"asterism"}"#,
                "stasis.node.ast1"
            ),
            (#"{"type":"RESTResponse","status_code":200,"application":"asterism"}"#, nil),
        ]
    )
    func topic(event: String, expected: String?) throws {
        let header = try #require(EventHeader(ByteBuffer(string: event)))
        #expect(PublicationRules(node: "ast1").topic(of: header) == expected)
    }

    @Test("escapes, white space, nesting and every kind of value are stepped over")
    func awkward() {
        let event = """
            { "a" : [1, {"type":"no"}, "]}\\""], "b":null ,"c":-1.5e3,"d":true,
              "type" :\t"X\\u0041", "e":{}, "f":[], "channel" : { "x":{"id":"no"}, "id" : "a\\/\\"b" } , "application":"p" }
            """
        #expect(
            EventHeader(ByteBuffer(string: event)) == EventHeader(type: "XA", application: "p", channelID: "a/\"b")
        )
    }

    @Test(
        "what is not an event is nothing",
        arguments: ["", "[]", "{}", "{", "42", #"{"type":1}"#, #"{"type"#, #"{"a":"#]
    )
    func refused(text: String) {
        #expect(EventHeader(ByteBuffer(string: text)) == nil)
    }

    @Test("no prefix of an event crashes or loops")
    func truncated() {
        let event = Array(#"{"x":{"y":[1,"\"",{}]},"type":"T","channel":{"id":"i\\"},"application":"a"}"#.utf8)
        for count in event.indices { _ = EventHeader(ByteBuffer(bytes: event[..<count])) }
    }
}
