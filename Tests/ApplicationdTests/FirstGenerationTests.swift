import ARI
import EventBus
import NIOHTTP1
import Synchronization
import Testing

@testable import Applicationd

/// The requests of wazo-applicationd as its generated client sends them, and the demonstration's, one by one.
@Suite("The first generation's API", .timeLimit(.minutes(5)))
struct FirstGenerationTests {
    private static let path = "/1.0/applications/\(Fixtures.application)"

    @Test("a call to 6001 runs the demonstration")
    func demonstration() async throws {
        try await Stage.withOne { stage, applicationd in
            // Step 2: register, with an empty body that is said to be JSON.
            let registered = try await applicationd.ask(.POST, "/1.0/applications/test")
            #expect(registered.status == 200)
            #expect(registered.json == ["uuid": .string(Fixtures.application)])
            // Step 5: what the callback of either generation reads.
            stage.gateway.call("ast1-1583859032.5", Fixtures.application)
            try await eventually("the call is announced") {
                stage.heard.names.contains("application_user_outgoing_call_created")
            }
            let event = try #require(stage.heard.named("user_outgoing_call_created").first)
            let body = Fixtures.body(of: event)
            for data in [body, body["data"] ?? .null] {
                #expect(data["call"]?["id"] == "ast1-1583859032.5")
                #expect(data["application_uuid"] == .string(Fixtures.application))
            }
            // Step 6: answer.
            let answered = try await applicationd.ask(.PUT, "\(Self.path)/calls/ast1-1583859032.5/answer")
            #expect(answered.short == "200 null")
            #expect(stage.gateway.requests.contains("POST /channels/ast1-1583859032.5/answer"))
            // Step 7: into the node.
            let filled = try await applicationd.ask(.POST, "\(Self.path)/nodes/bigone", "[\"ast1-1583859032.5\"]")
            #expect(filled.status == 200)
            #expect(filled.json == ["uuid": "f83dce5b-9aee-582b-a71a-99bdf57aa4eb"])
            let bridges = stage.gateway.state.withLock { $0.bridges }
            #expect(bridges["f83dce5b-9aee-582b-a71a-99bdf57aa4eb"]?.channels == ["ast1-1583859032.5"])
            try await eventually("all of it is announced, once") {
                stage.heard.names == [
                    "user_outgoing_call_created", "application_user_outgoing_call_created",
                    "application_call_answered", "application_node_created", "application_node_updated",
                    "application_call_updated",
                ]
            }
        }
    }

    @Test("every request of the generated client")
    func requests() async throws {
        try await Stage.withOne { stage, applicationd in
            stage.gateway.call("a", Fixtures.application)
            let expected: [(String, String, String?, [String])] = [
                ("PUT", "/calls/a/answer", nil, ["POST /channels/a/answer"]),
                ("POST", "/calls/a/mute/start", nil, ["POST /channels/a/mute?direction=both"]),
                ("POST", "/calls/a/mute/stop", nil, ["DELETE /channels/a/mute?direction=both"]),
                ("DELETE", "/calls/a", nil, ["DELETE /channels/a"]),
            ]
            for (method, path, body, requests) in expected {
                let answer = try await applicationd.ask(.RAW(value: method), Self.path + path, body)
                #expect(answer.short == "200 null", "\(method) \(path)")
                for request in requests { #expect(stage.gateway.requests.contains(request)) }
            }
            let status = try await applicationd.ask(.GET, "/status")
            #expect(status.status == 200)
            #expect(status.json["state"] == "ok")
        }
    }

    @Test("a node's calls that are in it stay, and others come to them")
    func twice() async throws {
        try await Stage.withOne { stage, applicationd in
            for call in ["a", "b"] { stage.gateway.call(call, Fixtures.application) }
            for calls in ["[\"a\"]", "[\"a\",\"b\"]", "[]"] {
                let answer = try await applicationd.ask(.POST, "\(Self.path)/nodes/bigone", calls)
                #expect(answer.status == 200)
            }
            let added = stage.gateway.requests.filter { $0.contains("addChannel") }
            #expect(added.map { $0.split(separator: "=").last } == ["a", "b"])
        }
    }

    @Test(
        "a body that is no list of ids is refused in FastAPI's words",
        arguments: [
            ("", "field required", "value_error.missing"),
            ("null", "field required", "value_error.missing"),
            ("{}", "value is not a valid list", "type_error.list"),
            ("\"a\"", "value is not a valid list", "type_error.list"),
        ]
    )
    func unusable(body: String, message: String, type: String) async throws {
        try await Stage.withOne { _, applicationd in
            let answer = try await applicationd.ask(.POST, "\(Self.path)/nodes/bigone", body.isEmpty ? nil : body)
            #expect(answer.status == 422)
            #expect(
                answer.json == [
                    "detail": [["loc": ["body", "call_ids"], "msg": .string(message), "type": .string(type)]]
                ]
            )
        }
    }

    @Test("what is not there is said to be missing, and what cannot be done a conflict")
    func errors() async throws {
        try await Stage.withOne { stage, applicationd in
            stage.gateway.call("a", Fixtures.application)
            stage.gateway.call("foreign", NamedUUID.application("other"))
            let expected: [(String, String, String?, Int, String)] = [
                ("PUT", "\(Self.path)/calls/none/answer", nil, 404, "no-such-call"),
                ("PUT", "\(Self.path)/calls/foreign/answer", nil, 404, "no-such-call"),
                ("DELETE", "\(Self.path)/calls/none", nil, 404, "no-such-call"),
                ("POST", "\(Self.path)/nodes/x", "[\"none\"]", 404, "no-such-call"),
                ("PUT", "/1.0/applications/none/calls/a/answer", nil, 404, "no-such-application"),
                (
                    "PUT", "/1.0/applications/\(NamedUUID.application("x"))/calls/a/answer", nil, 404,
                    "no-such-application"
                ),
            ]
            for (method, path, body, status, id) in expected {
                let answer = try await applicationd.ask(.RAW(value: method), path, body)
                #expect(answer.short == "\(status) \(id)", "\(method) \(path)")
                #expect(answer.json["message"]?.string != nil)
                #expect(answer.json["details"]?.object != nil)
            }
            stage.gateway.refuse("POST /channels/a/answer", with: 409)
            let conflict = try await applicationd.ask(.PUT, "\(Self.path)/calls/a/answer")
            #expect(conflict.short == "409 call-not-in-application")
            stage.gateway.refuse("POST /channels/a/answer", with: 500)
            let failed = try await applicationd.ask(.PUT, "\(Self.path)/calls/a/answer")
            #expect(failed.short == "503 asterisk-ari-error")
            await stage.gateway.goAway()
            let away = try await applicationd.ask(.PUT, "\(Self.path)/calls/a/answer")
            #expect(away.short == "503 asterisk-ari-unreachable")
        }
    }

    @Test("the same below the path at which a proxy offers it")
    func prefix() async throws {
        try await Stage.withOne { stage, applicationd in
            stage.gateway.call("a", Fixtures.application)
            let answer = try await applicationd.ask(.PUT, "/api/applicationd\(Self.path)/calls/a/answer")
            #expect(answer.short == "200 null")
            let document = try await applicationd.ask(
                .GET,
                "/openapi.json",
                headers: [("X-Script-Name", "/api/applicationd")]
            )
            #expect(document.json["servers"] == [["url": "/api/applicationd"]])
        }
    }
}
