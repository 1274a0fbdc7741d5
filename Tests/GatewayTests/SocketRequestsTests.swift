import ARI
import Access
import EventBus
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOWebSocket
import Registry
import Testing

@testable import Gateway

@Suite("Requests over an event socket", .timeLimit(.minutes(3)))
struct SocketRequestsTests {
    /// One node with a caller in `app`, and a gateway.
    private static func withGateway(_ body: @Sendable (SimulatedFleet, RunningGateway) async throws -> Void)
        async throws
    {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        try await registry.register(fleet.add("ast1"))
        let gateway = try await RunningGateway(1, registry: registry, bus: bus) { settings in
            settings.failedLogins.burst = 2
            settings.failedLogins.interval = .seconds(60)
        }
        fleet.call("a", on: "ast1", application: "app")
        do { try await body(fleet, gateway) } catch { Issue.record(error) }
        await gateway.stop()
        await fleet.stop()
    }

    private static func request(_ method: String, _ uri: String) -> ByteBuffer {
        ByteBuffer(string: #"{"type": "RESTRequest", "method": "\#(method)", "uri": "\#(uri)"}"#)
    }

    @Test("as many as may wait do; a client that sends one more is cut off")
    func backlog() async throws {
        try await Self.withGateway { fleet, gateway in
            let socket = try await gateway.ari.openSocket(["events"], query: [("app", "app")])
            let request = Self.request("POST", "channels/a/answer")
            fleet.fallSilent("ast1")
            var isFull = false
            let closure = try await socket.run { writer in
                try await writer.send(request)
                while fleet.node("ast1").unanswered == 0 { try await Task.sleep(for: .milliseconds(2)) }
                for _ in 0..<SocketRequests.backlog { try await writer.send(request) }
                try await writer.ping()
            } handle: { message, writer in
                guard case .pong = message else { return }
                isFull = true
                try await writer.send(request)
            }
            fleet.speakAgain("ast1")
            #expect(isFull)
            #expect((closure.code, closure.reason) == (1008, "too many requests are waiting"))
        }
    }

    @Test("they come from where the socket's client is, whichever proxy is between", arguments: [1, 2])
    func forwarded(client: Int) async throws {
        try await Self.withGateway { _, gateway in
            let intruder = ARIClient(baseURL: gateway.ari.baseURL, user: "u", password: "wrong")
            let socket = try await WebSocketConnection.connect(
                host: "127.0.0.1",
                port: gateway.port,
                target: "/ari/events?app=app&api_key=u:p",
                headers: ["X-Forwarded-For": "203.0.113.\(client)"]
            )
            for status in [401, 401, 429] {
                let answer = try await intruder.send(.GET, ["channels"], headers: ["X-Forwarded-For": "203.0.113.1"])
                #expect(answer.status == status)
            }
            var status: JSONValue?
            _ = try await socket.run { writer in
                try await writer.send(Self.request("GET", "asterisk/ping"))
            } handle: { message, writer in
                guard case .text(let text) = message else { return }
                let answer = try JSONDecoder().decode(JSONValue.self, from: text)
                guard answer["type"]?.string == "RESTResponse" else { return }
                status = answer["status_code"]
                try await writer.close(code: .normalClosure)
            }
            #expect(status == .integer(client == 1 ? 429 : 200))
        }
    }
}
