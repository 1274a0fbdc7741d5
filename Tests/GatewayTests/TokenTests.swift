import ARI
import Access
import AsyncHTTPClient
import EventBus
import Foundation
import NIOCore
import NIOHTTP1
import Registry
import Testing

@testable import Gateway

@Suite("Tokens at the gateway", .timeLimit(.minutes(3)))
struct TokenTests {
    private static func withGateway(
        _ adapt: @Sendable (inout GatewaySettings) -> Void = { _ in },
        tokenMemory: Duration? = nil,
        _ body: @Sendable (RunningGateway, SimulatedAuth) async throws -> Void
    ) async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        try await registry.register(fleet.add("ast1"))
        let auth = SimulatedAuth()
        var bounds = TokenCacheBounds()
        if let tokenMemory { bounds.life = tokenMemory }
        let tokens = TokenCache(TokenClient([try await auth.start()], timeout: .seconds(20)), bounds: bounds)
        let gateway = try await RunningGateway(1, registry: registry, bus: bus, tokens: tokens, adapt: adapt)
        let result = await Result { try await body(gateway, auth) }
        await gateway.stop()
        await auth.stop()
        await fleet.stop()
        try result.get()
    }

    private static func basic(_ text: String) -> HTTPHeaders {
        ["Authorization": "Basic " + Data(text.utf8).base64EncodedString()]
    }

    @Test("a token opens what it grants, by either header, and nothing else; passwords stay as they are")
    func grants() async throws {
        try await Self.withGateway { gateway, auth in
            let reader = auth.grant(["ari.#.read"])
            let operators = auth.grant(["fleet.#"])
            let answers: [(HTTPMethod, String, HTTPHeaders, Int)] = [
                (.GET, "/ari/channels", ["X-Auth-Token": reader], 200),
                (.GET, "/ari/channels", ["Authorization": "Bearer \(reader)"], 200),
                (.POST, "/ari/bridges/room", ["X-Auth-Token": reader], 403),
                (.GET, "/fleet/nodes", ["X-Auth-Token": reader], 403),
                (.GET, "/fleet/nodes", ["X-Auth-Token": operators], 200),
                (.GET, "/ari/channels", ["X-Auth-Token": operators], 403),
                (.GET, "/ari/channels", ["X-Auth-Token": UUID().uuidString], 401),
                (.GET, "/ari/channels", ["Authorization": "Bearer ../../users"], 401),
                (.GET, "/ari/channels", [:], 401),
                (.GET, "/ari/channels", Self.basic("u:p"), 200),
                (.GET, "/ari/channels?api_key=u:p", [:], 200),
                (.GET, "/fleet/nodes", Self.basic("op:p"), 200),
                (.GET, "/ari/channels", Self.basic("op:p"), 401),
            ]
            for (method, target, headers, status) in answers {
                let answer = try await gateway.send(method, target, headers)
                #expect(answer.status == status, "\(method) \(target) \(headers)")
                if status == 403 { #expect(answer.body.contains("\"message\":\"The token does not grant ")) }
            }
        }
    }

    @Test("the auth service is asked once for many requests")
    func remembers() async throws {
        try await Self.withGateway(tokenMemory: .seconds(600)) { gateway, auth in
            let token = auth.grant(["ari.#"])
            for _ in 0..<20 {
                try await gateway.expect(200, .GET, "/ari/channels", ["X-Auth-Token": token])
            }
            #expect(auth.questions == 1)
        }
    }

    @Test("without an answer of the auth service a token is answered 503, and passwords go on")
    func outage() async throws {
        try await Self.withGateway { gateway, auth in
            auth.fail(true)
            let token = auth.grant(["ari.#"])
            try await gateway.expect(503, .GET, "/ari/channels", ["X-Auth-Token": token])
            try await gateway.expect(200, .GET, "/ari/channels", Self.basic("u:p"))
        }
    }

    @Test("who guesses waits, whatever he sends next; who asks from elsewhere does not")
    func throttle() async throws {
        let adapt: @Sendable (inout GatewaySettings) -> Void = {
            $0.failedLogins.burst = 5
            // However slowly the requests below come, none is forgotten meanwhile.
            $0.failedLogins.interval = .seconds(60)
        }
        try await Self.withGateway(adapt) { gateway, auth in
            var headers = Self.basic("u:wrong")
            headers.add(name: "X-Forwarded-For", value: "192.0.2.1")
            for _ in 0..<5 { try await gateway.expect(401, .GET, "/ari/channels", headers) }
            for path in ["/ari/channels", "/fleet/nodes", "/metrics"] {
                let answer = try await gateway.send(.GET, path, headers)
                #expect(answer.status == 429, "\(path)")
                #expect(answer.retryAfter.flatMap { Int($0) }.map { (1...61).contains($0) } == true)
            }
            var right = Self.basic("u:p")
            right.add(name: "X-Forwarded-For", value: "192.0.2.1")
            try await gateway.expect(429, .GET, "/ari/channels", right)
            right.replaceOrAdd(name: "X-Forwarded-For", value: "192.0.2.2")
            try await gateway.expect(200, .GET, "/ari/channels", right)
            var token: HTTPHeaders = ["X-Auth-Token": auth.grant(["ari.#"])]
            try await gateway.expect(200, .GET, "/ari/channels", token)
            for _ in 0..<5 {
                token.replaceOrAdd(name: "X-Auth-Token", value: UUID().uuidString)
                try await gateway.expect(401, .GET, "/ari/channels", token)
            }
            try await gateway.expect(429, .GET, "/ari/channels", token)
        }
    }

    @Test("a token that does not grant an application's events opens no socket of it")
    func sockets() async throws {
        try await Self.withGateway { gateway, auth in
            let token = auth.grant(["ari.events.mine"])
            await #expect(throws: WebSocketError.self) { try await gateway.socket("/ari/events?app=other", token) }
            await #expect(throws: WebSocketError.self) { try await gateway.socket("/ari/events?app=mine,other", token) }
            await #expect(throws: WebSocketError.self) { try await gateway.socket("/fleet/events", token) }
            let socket = try await gateway.socket("/ari/events?app=mine", token)
            _ = socket
        }
    }

    @Test("a socket closes with 1008 when its token is revoked")
    func revoked() async throws {
        let adapt: @Sendable (inout GatewaySettings) -> Void = { $0.tokenRecheck = .milliseconds(50) }
        try await Self.withGateway(adapt, tokenMemory: .milliseconds(200)) { gateway, auth in
            let token = auth.grant(["ari.events.#"])
            // On a busy machine what was answered of the token may be forgotten before the socket is open.
            var socket: WebSocketConnection?
            while socket == nil { socket = try? await gateway.socket("/ari/events?app=mine", token) }
            auth.revoke(token)
            let closure = try await socket?.run { _, _ in }
            #expect(closure?.code == 1008)
        }
    }

    @Test("a socket closes with 1008 when its token ends")
    func expiry() async throws {
        try await Self.withGateway { gateway, auth in
            // On a busy machine a token may have ended before it was shown.
            var socket: WebSocketConnection?
            while socket == nil {
                socket = try? await gateway.socket("/ari/events?app=mine", auth.grant(["ari.events.#"], for: 2))
            }
            let closure = try await socket?.run { _, _ in }
            #expect(closure?.code == 1008)
        }
    }
}

@Suite("What a request to the gateway must be granted")
struct RequiredAccessTests {
    @Test(
        "scopes",
        arguments: [
            ("GET", "/ari/channels?api_key=a:b", ["ari.channels.read"]),
            ("POST", "/ari/channels/1583859032.5/answer", ["ari.channels.1583859032_5.answer.create"]),
            ("GET", "/ari/events?app=a,b.c", ["ari.events.a", "ari.events.b_c"]),
            ("GET", "/ari/%65vents?app=a&app=b", ["ari.events.a", "ari.events.b"]),
            ("GET", "/ari/events", ["ari.events.read"]), ("GET", "/ari/events?app=", ["ari.events.read"]),
            ("PUT", "/fleet/routes/8001", ["fleet.routes.8001.update"]),
            ("GET", "/fleet/events", ["fleet.events.read"]), ("GET", "/metrics?x", ["metrics.read"]),
        ]
    )
    func scopes(_ method: String, _ target: String, _ scopes: [String]) {
        #expect(RequiredAccess.of(method: method, target: target) == scopes)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension RunningGateway {
    fileprivate func send(
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders
    ) async throws -> (status: Int, retryAfter: String?, body: String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(target)")
        request.method = method
        request.headers = headers
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        return (
            Int(response.status.code), response.headers.first(name: "Retry-After"),
            String(buffer: try await response.body.collect(upTo: 1 << 20))
        )
    }

    /// A request that is to be answered with a status.
    fileprivate func expect(
        _ status: Int,
        _ method: HTTPMethod,
        _ target: String,
        _ headers: HTTPHeaders,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await send(method, target, headers)
        #expect(answer.status == status, sourceLocation: sourceLocation)
    }

    fileprivate func socket(_ target: String, _ token: String) async throws -> WebSocketConnection {
        try await WebSocketConnection.connect(
            host: "127.0.0.1",
            port: port,
            target: target,
            headers: ["X-Auth-Token": token]
        )
    }
}
