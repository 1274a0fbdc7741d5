import Testing

@testable import Fleet

@Suite("What lasts on a channel and goes along when its call moves")
struct ChannelTreatmentTests {
    @Test(
        "a request is noted, and what was noted asks for the same",
        arguments: [
            ("POST", "/ari/channels/c/mute", ["mute direction=in", "mute direction=out"]),
            ("POST", "/ari/channels/c/mute?direction=both", ["mute direction=in", "mute direction=out"]),
            ("POST", "/ari/channels/c/mute?direction=in", ["mute direction=in"]),
            ("POST", "/ari/channels/c/mute?direction=out", ["mute direction=out"]),
            ("DELETE", "/ari/channels/c/mute?direction=out", []),
            ("POST", "/ari/channels/c/hold", ["hold"]),
            ("DELETE", "/ari/channels/c/hold", []),
            ("POST", "/ari/channels/c/moh", ["moh"]),
            ("POST", "/ari/channels/c/moh?mohClass=quiet%20one", ["moh mohClass=quiet one"]),
            ("POST", "/ari/channels/c/silence", ["silence"]),
        ]
    )
    func notes(method: String, target: String, again: [String]) throws {
        let request = try #require(ARIRequest(method: method, target: target, prefix: "/ari"))
        let notes = try #require(ChannelTreatment.notes(on: request))
        #expect(!notes.isEmpty)
        let asked = notes.compactMap { $0.request($1) }.map { path, query in
            ([path] + query.compactMap { name, value in value.map { "\(name)=\($0)" } }).joined(separator: " ")
        }
        #expect(asked.sorted() == again)
    }

    @Test(
        "nothing else is",
        arguments: [
            ("GET", "/ari/channels/c"), ("POST", "/ari/channels/c/answer"), ("POST", "/ari/channels/c/play"),
            ("POST", "/ari/bridges/c/moh"), ("PUT", "/ari/channels/c/mute"), ("POST", "/ari/channels/c/mute/x"),
        ]
    )
    func others(method: String, target: String) throws {
        let request = try #require(ARIRequest(method: method, target: target, prefix: "/ari"))
        #expect(ChannelTreatment.notes(on: request) == nil)
    }

    @Test(
        "a channel's variables go along, but for those that Asterisk and the fleet set",
        arguments: [
            ("CUSTOMER", true), ("__CUSTOMER", true), ("_X", true), ("BRIDGEPEER", false), ("STASISSTATUS", false),
            ("RTPAUDIOQOSJITTER", false), ("DIALEDPEERNUMBER", false), ("ASTERISM_REPLACES", false),
            ("__ASTERISM_X", false),
            ("~HASH~A~", false), ("", false), ("__", false),
        ]
    )
    func variables(name: String, goesAlong: Bool) {
        #expect(OwnVariables.contain(name) != goesAlong)
    }
}
