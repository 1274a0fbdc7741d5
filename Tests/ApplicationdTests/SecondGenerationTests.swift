import ARI
import ApplicationdClient
import NIOHTTP1
import Registry
import Synchronization
import Testing

@testable import Applicationd

/// The routes of wazo-calld's applications, asked by the Swift client.
@Suite("The second generation's API", .timeLimit(.minutes(5)))
struct SecondGenerationTests {
    /// Two calls, `a` and `b`, in the application.
    private static func withCalls(
        _ test: @Sendable (Stage, ApplicationHandle, RunningApplicationd) async throws -> Void
    ) async throws {
        try await Stage.withOne { stage, applicationd in
            let application = try await ApplicationdClient(baseURL: applicationd.url, token: nil).register("test")
            #expect(application.uuid == Fixtures.application)
            for call in ["a", "b"] { stage.gateway.call(call, application.uuid, ["incoming"]) }
            try await eventually("the calls are known") {
                stage.heard.named("application_call_entered").count == 2
            }
            try await test(stage, application, applicationd)
        }
    }

    @Test("calls are listed with what is known of them")
    func list() async throws {
        try await Self.withCalls { stage, application, _ in
            try await application.check()
            try await application.mute("a")
            try await application.hold("b")
            try await application.set("X_WAZO_COLOUR", to: "blue", of: "b")
            try await eventually("the changes are known") {
                stage.heard.named("application_call_updated").count == 3
            }
            let calls = try await application.calls()
            #expect(calls.map(\.id) == ["a", "b"])
            #expect(calls.map(\.isMuted) == [true, false])
            #expect(calls.map(\.isOnHold) == [false, true])
            #expect(calls.map(\.variables) == [[:], ["X_WAZO_COLOUR": "blue"]])
            #expect(calls.allSatisfy { $0.isCaller && $0.dialedExtension == "6001" && $0.status == "Ring" })
        }
    }

    @Test("what is done to a call is done by the gateway")
    func operations() async throws {
        try await Self.withCalls { stage, application, _ in
            try await application.answer("a")
            try await application.mute("a")
            try await application.mute("a", isDeafToo: true)
            try await application.hold("a")
            try await application.startMusicOnHold("a")
            try await application.stopMusicOnHold("a")
            try await application.startProgress("a")
            try await application.stopProgress("a")
            try await application.send(digits: "12#", to: "a")
            try await application.hangUp("a")
            let asked = stage.gateway.requests.filter { $0.contains("/channels/a") && !$0.contains("variable=") }
            #expect(
                asked == [
                    "POST /channels/a/answer", "POST /channels/a/mute?direction=in",
                    "POST /channels/a/mute?direction=both", "POST /channels/a/mute?direction=in",
                    "POST /channels/a/hold", "POST /channels/a/moh?mohClass=default", "DELETE /channels/a/moh",
                    "POST /channels/a/ring", "DELETE /channels/a/ring", "POST /channels/a/dtmf?dtmf=12%23",
                    "DELETE /channels/a",
                ]
            )
            try await eventually("progress and the end are announced") {
                ["application_progress_started", "application_progress_stopped", "application_call_deleted"]
                    .allSatisfy { stage.heard.named($0).count == 1 }
            }
        }
    }

    @Test("mute ends, hold ends, and a muted call taken off hold stays muted")
    func endings() async throws {
        try await Self.withCalls { stage, application, _ in
            try await application.mute("a")
            try await eventually("it is known") { !stage.heard.named("application_call_updated").isEmpty }
            try await application.hold("a")
            try await application.unhold("a")
            #expect(!stage.gateway.requests.contains("DELETE /channels/a/mute?direction=in"))
            try await application.unmute("a")
            #expect(stage.gateway.requests.contains("DELETE /channels/a/mute?direction=both"))
        }
    }

    @Test("variables are read and set")
    func variables() async throws {
        try await Self.withCalls { stage, application, _ in
            try await application.set("COLOUR", to: "blue", of: "a")
            #expect(try await application.variable("COLOUR", of: "a") == "blue")
            let missing = await Self.refusal { _ = try await application.variable("NONE", of: "a") }
            #expect(missing == "404 no-such-variable")
            let function = await Self.refusal { try await application.set("SHELL(ls)", to: "x", of: "a") }
            #expect(function == "400 invalid-data")
            stage.gateway.refuse("GET /channels/a/variable", with: 404)
            let gone = await Self.refusal { _ = try await application.variable("COLOUR", of: "a") }
            #expect(gone == "404 no-such-call")
        }
    }

    @Test("a call that is placed is announced as one and joins the node it is for")
    func originate() async throws {
        try await Self.withCalls { stage, application, _ in
            let node = try await application.makeNode(of: ["a"])
            var options = CallOptions()
            options.variables = ["X_WAZO_COLOUR": "red"]
            options.callerName = "Ada"
            options.callerNumber = "100"
            let call = try await application.call(NewCall("8001", options: options), joining: node.uuid)
            #expect(!call.isCaller)
            #expect(call.dialedExtension == "8001")
            #expect(call.variables == ["X_WAZO_COLOUR": "red"])
            try await eventually("it is in the node") {
                try await application.node(node.uuid).calls.map(\.id) == ["a", call.id]
            }
            try await eventually("it is announced") { stage.heard.named("application_call_initiated").count == 1 }
            #expect(try await application.calls().map(\.id).sorted() == ["a", "b", call.id].sorted())
            let asked = stage.gateway.requests.first { $0.hasPrefix("POST /channels?") } ?? ""
            #expect(asked.contains("endpoint=Local%2F8001%40default%2Fn"))
            #expect(asked.contains("callerId=%22Ada%22%20%3C100%3E"))
        }
    }

    @Test("a subscriber is called into a node; who is none is not")
    func subscriber() async throws {
        try await Self.withCalls { stage, application, _ in
            let node = try await application.makeNode(of: ["a"])
            let unknown = await Self.refusal { _ = try await application.call(subscriber: "ada", joining: node.uuid) }
            #expect(unknown == "400 no-such-user")
            try await stage.gateway.registry.set([], for: "subscribers/ada")
            let call = try await application.call(subscriber: "ada", joining: node.uuid)
            #expect(call.userUUID == "ada")
            #expect(stage.gateway.requests.contains { $0.contains("endpoint=PJSIP%2Fada%40edge") })
        }
    }

    @Test("nodes are made, joined, left and deleted with their calls")
    func nodes() async throws {
        try await Self.withCalls { stage, application, _ in
            let node = try await application.makeNode(of: ["a"])
            #expect(try await application.nodes() == [node])
            let taken = await Self.refusal { try await application.add("a", to: node.uuid) }
            #expect(taken == "400 call-already-in-node")
            let again = await Self.refusal { _ = try await application.makeNode(of: ["a"]) }
            #expect(again == "400 call-already-in-node")
            try await application.add("b", to: node.uuid)
            #expect(try await application.calls().map(\.nodeUUID) == [node.uuid, node.uuid])
            try await application.remove("b", from: node.uuid)
            let absent = await Self.refusal { try await application.remove("b", from: node.uuid) }
            #expect(absent == "404 no-such-call")
            try await application.delete(node: node.uuid)
            #expect(try await application.nodes().isEmpty)
            #expect(try await application.calls().map(\.id) == ["b"], "its calls are hung up")
            try await eventually("its life is announced, once") {
                stage.heard.named("application_node_created").count == 1
                    && stage.heard.named("application_node_deleted").count == 1
                    && stage.heard.named("application_call_deleted").count == 1
            }
        }
    }

    @Test("a bridge of somebody else is no node")
    func foreignBridge() async throws {
        try await Self.withCalls { stage, application, _ in
            let id = NamedUUID.node("bigone", of: application.uuid)
            stage.gateway.state.withLock { $0.bridges[id] = ("theirs", []) }
            let requests: [(String, () async throws -> Void)] = [
                ("404 no-such-node", { _ = try await application.node(id) }),
                ("404 no-such-node", { try await application.delete(node: id) }),
                ("404 no-such-node", { try await application.add("a", to: id) }),
                (
                    "409 conflict",
                    { _ = try await application.fill(node: "bigone", with: []) }
                ),
            ]
            for (expected, request) in requests { #expect(await Self.refusal(request) == expected) }
        }
    }

    @Test("playbacks begin and end, and are announced")
    func playbacks() async throws {
        try await Self.withCalls { stage, application, _ in
            let playback = try await application.play("sound:hello-world", to: "a", language: "en")
            #expect(playback.uri == "sound:hello-world")
            #expect(stage.gateway.requests.contains { $0.contains("media=sound%3Ahello-world&lang=en") })
            try await application.stop(playback: playback.uuid)
            let gone = await Self.refusal { try await application.stop(playback: playback.uuid) }
            #expect(gone == "404 no-such-playback")
            try await eventually("both are announced") {
                stage.heard.named("application_playback_created").count == 1
                    && stage.heard.named("application_playback_deleted").count == 1
            }
            let unknown = await Self.refusal { _ = try await application.play("file:///etc/passwd", to: "a") }
            #expect(unknown == "400 no-such-media")
        }
    }

    @Test("recordings are kept or thrown away")
    func recordings() async throws {
        try await Self.withCalls { stage, application, _ in
            let kept = try await application.record("a")
            try await application.stop(recording: kept.uuid)
            let thrown = try await application.record("a")
            try await application.cancel(recording: thrown.uuid)
            #expect(stage.gateway.requests.contains("POST /recordings/live/\(kept.uuid)/stop"))
            #expect(stage.gateway.requests.contains("DELETE /recordings/live/\(thrown.uuid)"))
            let gone = await Self.refusal { try await application.stop(recording: kept.uuid) }
            #expect(gone == "404 no-such-recording")
            _ = try await application.makeNode(of: ["a"])
            let bridged = await Self.refusal { _ = try await application.record("a") }
            #expect(bridged == "409 call-in-wrong-state", "Asterisk would record nothing")
        }
    }

    @Test("one call listens to another, whispers, and all of it ends with either")
    func snoops() async throws {
        try await Self.withCalls { stage, application, _ in
            let snoop = try await application.snoop(on: "a", by: "b")
            #expect(try await application.snoops() == [snoop])
            let bridge = stage.gateway.state.withLock { $0.bridges[snoop.uuid]?.channels ?? [] }
            #expect(bridge.count == 2 && bridge.contains("b"))
            #expect(try await application.calls().map(\.id) == ["a", "b"], "what listens is no call")
            try await application.update(snoop: snoop.uuid, whisper: .both)
            #expect(try await application.snoop(snoop.uuid).whisperMode == .both)
            #expect(stage.gateway.state.withLock { $0.channels.count } == 3, "the former channel is gone")
            stage.gateway.hangUp("b")
            try await eventually("the snoop is gone") {
                try await application.snoops().isEmpty && stage.gateway.state.withLock { $0.channels.count } == 1
            }
            try await eventually("its life is announced, once") {
                ["created", "updated", "deleted"].allSatisfy {
                    stage.heard.named("application_snoop_\($0)").count == 1
                }
            }
        }
    }

    @Test("a snoop is deleted, and needs two calls of the application")
    func snoopErrors() async throws {
        try await Self.withCalls { stage, application, _ in
            let missing = await Self.refusal { _ = try await application.snoop(on: "a", by: "none") }
            #expect(missing == "400 no-such-call")
            let itself = await Self.refusal { _ = try await application.snoop(on: "a", by: "a") }
            #expect(itself == "400 invalid-data")
            let snoop = try await application.snoop(on: "a", by: "b", whisper: .out)
            try await application.delete(snoop: snoop.uuid)
            let gone = await Self.refusal { try await application.delete(snoop: snoop.uuid) }
            #expect(gone == "404 no-such-snoop")
            #expect(stage.gateway.state.withLock { $0.bridges.isEmpty })
        }
    }

    @Test("204 and 200 as the clients of each generation need them")
    func statuses() async throws {
        try await Self.withCalls { _, application, applicationd in
            let path = "/1.0/applications/\(application.uuid)"
            let expected: [(String, String, String)] = [
                ("PUT", "/calls/a/mute/start", "204 "), ("POST", "/calls/a/mute/start", "200 null"),
                ("PUT", "/calls/a/mute/stop", "204 "), ("POST", "/calls/a/mute/stop", "200 null"),
                ("PUT", "/calls/a/answer", "200 null"), ("PUT", "/calls/a/dtmf?digits=1", "204 "),
                ("PUT", "/calls/a/moh/none/start", "404 no-such-moh"),
                ("PUT", "/calls/a/dtmf?digits=x", "400 invalid-data"), ("PUT", "/calls/a/dtmf", "400 invalid-data"),
                ("PUT", "/calls/none/hold/start", "404 no-such-call"), ("DELETE", "/calls/a", "200 null"),
                ("GET", "/nothing", "404 not-found"), ("PATCH", "/calls", "405 method-not-allowed"),
            ]
            for (method, rest, answer) in expected {
                let given = try await applicationd.ask(.RAW(value: method), path + rest)
                #expect(given.short == answer, "\(method) \(rest)")
            }
        }
    }

    private static func refusal(_ request: () async throws -> Void) async -> String {
        do {
            try await request()
            return "no refusal"
        } catch {
            let refusal = (error as? ApplicationdError)?.refusal
            return refusal.map { "\($0.status) \($0.id ?? $0.message)" } ?? "\(error)"
        }
    }
}
