import ARI
import NIOHTTP1
import Testing

@testable import Applicationd

@Suite("Hostile input", .timeLimit(.minutes(5)))
struct HostileTests {
    private static let path = "/1.0/applications/\(Fixtures.application)"

    @Test("what cannot be used is refused with a reason, and nothing of it reaches the gateway")
    func bodies() async throws {
        try await Stage.withOne { stage, applicationd in
            stage.gateway.call("a", Fixtures.application)
            let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
            let expected: [(String, String, String?, String)] = [
                ("POST", "/calls", nil, "400 invalid-data"),
                ("POST", "/calls", "{", "400 invalid-data"),
                ("POST", "/calls", "[]", "400 invalid-data"),
                ("POST", "/calls", "{\"exten\":1,\"context\":\"default\"}", "400 invalid-data"),
                ("POST", "/calls", "{\"exten\":\"1@x/n\",\"context\":\"default\"}", "400 invalid-data"),
                ("POST", "/calls", "{\"exten\":\"1\",\"context\":\"a,b\"}", "400 invalid-data"),
                ("POST", "/calls", "{\"exten\":\"\",\"context\":\"default\"}", "400 invalid-data"),
                (
                    "POST", "/calls", "{\"exten\":\"1\",\"context\":\"d\",\"variables\":{\"SHELL(ls)\":\"x\"}}",
                    "400 invalid-data"
                ),
                (
                    "POST", "/calls", "{\"exten\":\"1\",\"context\":\"d\",\"displayed_caller_id_name\":\"a\\\"<\"}",
                    "400 invalid-data"
                ),
                ("POST", "/calls", deep, "400 invalid-data"),
                ("POST", "/nodes", "{\"calls\":[]}", "400 invalid-data"),
                ("POST", "/nodes", "{\"calls\":[{}]}", "400 invalid-data"),
                ("POST", "/nodes", "{\"calls\":[{\"id\":\"none\"}]}", "400 no-such-call"),
                ("POST", "/calls/a/playbacks", "{\"uri\":\"sound:\"}", "400 no-such-media"),
                ("POST", "/calls/a/playbacks", "{\"uri\":\"sound:a\\u0000\"}", "400 invalid-data"),
                ("POST", "/calls/a/recordings", "{\"format\":\"../../x\"}", "400 invalid-data"),
                ("POST", "/calls/a/recordings", "{\"max_duration_seconds\":-1}", "400 invalid-data"),
                ("POST", "/calls/a/snoops", "{\"snooping_call_id\":\"b\",\"whisper_mode\":\"x\"}", "400 invalid-data"),
                ("PUT", "/calls/a/variables/X", "{\"value\":\"a\\nb\"}", "400 invalid-data"),
                ("PUT", "/calls/..%2F..%2Fbridges/answer", nil, "404 no-such-call"),
                ("PUT", "/calls/%ff/answer", nil, "404 not-found"),
                ("GET", "/snoops/..%2Fx", nil, "404 no-such-snoop"),
            ]
            for (method, path, body, answer) in expected {
                let given = try await applicationd.ask(HTTPMethod(rawValue: method), Self.path + path, body)
                #expect(given.short == answer, "\(method) \(path) \(body?.prefix(80) ?? "")")
            }
            let changes = stage.gateway.requests.filter { !$0.hasPrefix("GET ") && !$0.hasPrefix("POST /amqp/") }
            #expect(changes.isEmpty, "\(changes)")
        }
    }

    @Test("a list of ids that is too long, or not of texts, is refused")
    func lists() async throws {
        try await Stage.withOne { _, applicationd in
            let long = "[" + Array(repeating: "\"a\"", count: 1001).joined(separator: ",") + "]"
            for body in [long, "[1]", "[null]", "[[\"a\"]]", "[\"a\"", "\u{feff}[]x"] {
                let answer = try await applicationd.ask(.POST, "\(Self.path)/nodes/x", body)
                #expect(answer.status == 422, "\(body.prefix(20))")
                #expect(answer.json["detail"]?.array?.first?["loc"]?.array?.first == "body")
            }
        }
    }

    @Test("a body beyond bounds is refused before it is read whole")
    func size() async throws {
        try await Stage.withOne { _, applicationd in
            let body = "[\"" + String(repeating: "a", count: 2 << 20) + "\"]"
            let answer = try await applicationd.ask(.POST, "\(Self.path)/nodes/x", body)
            #expect(answer.short == "413 body-too-large")
        }
    }

    @Test("a name of any text is an application, one that is too long is not")
    func names() async throws {
        try await Stage.withOne { _, applicationd in
            for name in ["a%20b", "%C3%A9", "a%2Fb", "..", "%00"] {
                let answer = try await applicationd.ask(.POST, "/1.0/applications/\(name)")
                #expect(answer.status == 200 || name == "..", "\(name)")
            }
            let long = try await applicationd.ask(.POST, "/1.0/applications/\(String(repeating: "a", count: 300))")
            #expect(long.short == "400 invalid-data")
        }
    }
}
