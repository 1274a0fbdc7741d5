import Foundation
import Hummingbird
import NIOCore
import Registry
import Telemetry
import Testing

@testable import WebAPI

@Suite("HTTP server")
struct ServerTests {
    @Test("a request has an id, the client's own if it is sane")
    func requestID() async throws {
        try await LiveServer.run { server in
            let own = try await server.ask("GET", "/status", headers: [("X-Request-ID", "call-7")])
            #expect(own.headers["x-request-id"] == "call-7")
            let made = try await server.ask("GET", "/status", headers: [("X-Request-ID", "a b")])
            #expect(made.headers["x-request-id"]?.isEmpty == false)
            #expect(made.headers["x-request-id"] != "a b")
            #expect(made.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test("the status says state ok or ko beside the report")
    func status() async throws {
        let health = Health(role: "auth", name: "auth-1", awaiting: ["store"])
        try await LiveServer.run(health: health) { server in
            let starting = try await server.ask("GET", "/status")
            #expect(starting.status == 503)
            #expect(starting.json?["state"] as? String == "ko")
            health.good("store")
            let ready = try await server.ask("GET", "/status")
            #expect(ready.status == 200)
            #expect(ready.json?["state"] as? String == "ok")
            #expect(ready.json?["role"] as? String == "auth")
            #expect(try await server.ask("HEAD", "/status").status == 200)
        }
    }

    @Test("metrics are for programs on this host, and for tokens that grant them")
    func metrics() async throws {
        let tokens = KnownTokens(scopes: ["good": ["fleet.metrics.read"], "poor": ["other"]])
        try await LiveServer.run(tokens: tokens) { server in
            _ = try await server.ask("GET", "/status")
            let local = try await server.ask("GET", "/metrics")
            #expect(local.status == 200)
            #expect(local.text.contains("asterism_request_seconds_count{method=\"GET\",status=\"2xx\"} 1"))
            let far = ("X-Forwarded-For", "192.0.2.7")
            #expect(try await server.ask("GET", "/metrics", headers: [far]).status == 401)
            #expect(try await server.ask("GET", "/metrics", headers: [far, ("X-Auth-Token", "poor")]).status == 401)
            #expect(try await server.ask("GET", "/metrics", headers: [far, ("X-Auth-Token", "good")]).status == 200)
        }
    }

    @Test("a proxy's prefix may stay or be taken off", arguments: ["/echo?a=1", "/api/test/echo?a=1"])
    func prefix(path: String) async throws {
        try await LiveServer.run({ $0.prefixes = ["/api/test"] }, routes: Self.echo) {
            (server: LiveServer) async throws in
            #expect(try await server.ask("GET", path).text == "/echo?a=1")
            #expect(try await server.ask("GET", "/api/testecho").status == 404)
        }
    }

    @Test("a proxy on this host is believed about the client, and only the last word counts")
    func forwarded() async throws {
        try await LiveServer.run(routes: { router in
            router.get("who") { _, context in "\(context.clientAddress) \(context.forwarded.scriptName)" }
        }) { (server: LiveServer) async throws in
            #expect(try await server.ask("GET", "/who").text == "127.0.0.1 ")
            let headers = [("X-Forwarded-For", "203.0.113.9, 192.0.2.7"), ("X-Script-Name", "/api/test")]
            #expect(try await server.ask("GET", "/who", headers: headers).text == "192.0.2.7 /api/test")
            let hostile = [("X-Script-Name", "//evil.example"), ("X-Script-Name", "/a\"b")]
            #expect(try await server.ask("GET", "/who", headers: hostile).text == "127.0.0.1 ")
        }
    }

    @Test("pages of other origins may ask with the headers of Wazo's clients")
    func crossOrigin() async throws {
        try await LiveServer.run { server in
            let origin = ("Origin", "https://phone.example")
            let preflight = try await server.ask("OPTIONS", "/1.0/anything", headers: [origin])
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-origin"] == "*")
            let allowed = try #require(preflight.headers["access-control-allow-headers"]).lowercased()
            for name in ["content-type", "authorization", "x-auth-token", "wazo-tenant", "wazo-session-type"] {
                #expect(allowed.contains(name))
            }
            #expect(
                try await server.ask("GET", "/status", headers: [origin]).headers["access-control-allow-origin"] == "*"
            )
            #expect(
                try await server.ask("GET", "/none", headers: [origin]).headers["access-control-allow-origin"] == "*"
            )
        }
    }

    @Test("an answer to HEAD has no body, also when it is an error")
    func head() async throws {
        try await LiveServer.run { server in
            let requests =
                "HEAD /none HTTP/1.1\r\nHost: a\r\n\r\nHEAD /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answer = try await RawClient(port: server.port).exchange([requests]).answer
            #expect(answer.hasPrefix("HTTP/1.1 404"))
            #expect(answer.contains("HTTP/1.1 200"))
            #expect(!answer.contains("{"))
        }
    }

    @Test("a port that is taken is an error that names it")
    func takenPort() async throws {
        try await LiveServer.run { server in
            await #expect(throws: WebServerError.self) {
                try await LiveServer.run({ $0.address.port = server.port }) { _ in }
            }
        }
    }

    private static func echo(_ router: Router<WebContext>) {
        router.get("echo") { request, _ in request.head.path ?? "" }
    }
}
