import ARI
import Foundation
import Testing

@Suite("ARI's JSON")
struct ModelTests {
    @Test("an event as Asterisk 22 writes it is understood")
    func event() throws {
        let json = """
            {"type":"StasisStart","timestamp":"2026-01-01T00:00:00.000+0000","args":["a","b"],"channel":{"id":"ast1-1.1",\
            "name":"PJSIP/edge-00000000","state":"Ring","protocol_id":"x@y","caller":{"name":"","number":"demo"},\
            "connected":{"name":"","number":""},"accountcode":"","dialplan":{"context":"default","exten":"8001","priority":2,\
            "app_name":"Stasis","app_data":"tts"},"creationtime":"2026-01-01T00:00:00.000+0000","language":"en"},\
            "asterisk_id":"02:00:00:00:00:01","application":"tts"}
            """
        let event = try JSONDecoder().decode(Event.self, from: Data(json.utf8))
        #expect(event.type == "StasisStart")
        #expect(event.args == ["a", "b"])
        #expect(event.channel?.dialplan.appData == "tts")
        #expect(event.asteriskID == "02:00:00:00:00:01")
    }

    @Test(
        "any JSON goes in and comes out the same",
        arguments: [#"{"a":[1,2.5,"x",null,true,{"b":{}}]}"#, "[]", "7", "\"s\""]
    )
    func roundTrip(text: String) throws {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        let again = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(value))
        #expect(value == again)
    }

    @Test("members are read, set and removed")
    func members() {
        var value: JSONValue = ["a": 1, "b": ["x"]]
        value["a"] = "two"
        value["b"] = nil
        #expect(value == ["a": "two"])
        #expect(value["a"]?.string == "two")
        #expect(value["none"] == nil)
    }

    @Test("a client never prints its password")
    func secrecy() {
        let client = ARIClient(baseURL: "http://127.0.0.1:8088/ari/", user: "wazo", password: "s3cret")
        #expect(!"\(client)".contains("s3cret"))
        #expect(client.baseURL == "http://127.0.0.1:8088/ari")
    }
}
