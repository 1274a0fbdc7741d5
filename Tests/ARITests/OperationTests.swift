import ARI
import Testing

@Suite("Generated operations")
struct OperationTests {
    /// What is called, and the request that it should make.
    struct Sample: Sendable, CustomTestStringConvertible {
        var request: String
        var call: @Sendable (ARIClient) async throws -> Void
        var testDescription: String { request }

        init(_ request: String, _ call: @escaping @Sendable (ARIClient) async throws -> Void) {
            self.request = request
            self.call = call
        }
    }

    @Test(
        "an operation is one request",
        arguments: [
            Sample("GET /ari/channels") { _ = try await $0.channels.list() },
            Sample("POST /ari/channels/ast1-1.2/answer") { try await $0.channels.answer("ast1-1.2") },
            Sample("POST /ari/channels/a%2Fb%20c%3F/ring") { try await $0.channels.ring("a/b c?") },
            Sample("DELETE /ari/channels/a/ring") { try await $0.channels.ringStop("a") },
            Sample("DELETE /ari/channels/a?reason=no_answer") { try await $0.channels.hangup("a", reason: .noAnswer) },
            Sample("DELETE /ari/channels/a?reason_code=17") { try await $0.channels.hangup("a", reasonCode: "17") },
            Sample("POST /ari/channels/a/continue?extension=8001&priority=2") {
                try await $0.channels.continueInDialplan("a", extension: "8001", priority: 2)
            },
            Sample("POST /ari/channels/a/play/p?media=sound%3Ahello%2Ctone%3Aring&lang=en") {
                try await $0.channels.playWithID("a", playbackID: "p", media: ["sound:hello", "tone:ring"], lang: "en")
            },
            Sample("POST /ari/channels/a/record?name=r&format=wav&beep=true&terminateOn=%23") {
                try await $0.channels.record("a", name: "r", format: "wav", beep: true, terminateOn: .pound)
            },
            Sample("POST /ari/channels/a/snoop/s?app=x&spy=in&whisper=none") {
                try await $0.channels.snoopChannelWithID("a", snoopID: "s", app: "x", spy: .in, whisper: .nothing)
            },
            Sample(#"POST /ari/channels?endpoint=PJSIP%2Fa&app=x&timeout=30 {"variables":{"N":"1"}}"#) {
                try await $0.channels.originate(endpoint: "PJSIP/a", app: "x", timeout: 30, variables: ["N": "1"])
            },
            Sample(#"POST /ari/channels/a/variables {"variables":{"N":{"report_events":true}}}"#) {
                try await $0.channels.setChannelVars("a", variables: ["N": ["report_events": true]])
            },
            Sample("GET /ari/channels/a/variables?variables=A%2CB") {
                _ = try await $0.channels.getChannelVars("a", variables: ["A", "B"])
            },
            Sample("POST /ari/bridges/b/addChannel?channel=x%2Cy&mute=false") {
                try await $0.bridges.addChannel("b", channel: ["x", "y"], mute: false)
            },
            Sample("GET /ari/asterisk/info?only=system%2Cstatus") {
                _ = try await $0.asterisk.getInfo(only: [.system, .status])
            },
            // One member to an object: their order is not fixed.
            Sample(#"PUT /ari/asterisk/config/dynamic/res_pjsip/endpoint/a {"fields":[{"attribute":"allow"}]}"#) {
                let fields: JSONValue = [["attribute": "allow"]]
                _ = try await $0.asterisk.updateObject("res_pjsip", objectType: "endpoint", id: "a", fields: fields)
            },
            Sample(#"PUT /ari/applications/x/eventFilter {"allowed":[{"type":"Dial"}]}"#) {
                try await $0.applications.filter("x", filter: ["allowed": [["type": "Dial"]]])
            },
            Sample("PUT /ari/deviceStates/Stasis%3Adoor?deviceState=NOT_INUSE") {
                try await $0.deviceStates.update("Stasis:door", deviceState: .notInuse)
            },
            Sample("PUT /ari/mailboxes/m?oldMessages=1&newMessages=2") {
                try await $0.mailboxes.update("m", oldMessages: 1, newMessages: 2)
            },
            Sample("GET /ari/recordings/stored/r/file") { _ = try await $0.recordings.getStoredFile("r") },
            Sample("POST /ari/playbacks/p/control?operation=pause") {
                try await $0.playbacks.control("p", operation: .pause)
            },
            Sample(#"POST /ari/events/user/e?application=x&source=channel%3Aa%2Cbridge%3Ab {"variables":{}}"#) {
                try await $0.events.userEvent(
                    "e",
                    application: "x",
                    source: ["channel:a", "bridge:b"],
                    variables: [:]
                )
            },
        ]
    )
    func request(_ sample: Sample) async throws {
        try await RecordingServer.running { server, client in
            do {
                try await sample.call(client)
            } catch let error as ARIError {
                // The server answers nothing where a model is awaited.
                guard case .unexpectedAnswer = error else { throw error }
            }
            #expect(server.requests == [sample.request])
        }
    }

    @Test("a WebSocket is asked for all applications at once")
    func socket() async throws {
        try await RecordingServer.running { server, client in
            await #expect(throws: WebSocketError.self) {
                _ = try await client.events.eventWebsocket(app: ["x", "y"], subscribeAll: true)
            }
            #expect(server.requests == ["GET /ari/events?app=x%2Cy&subscribeAll=true"])
        }
    }
}
