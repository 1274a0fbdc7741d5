import Access
import Foundation
import Hummingbird
import Testing

@testable import WebAPI

@Suite("Tokens at the door")
struct TokenTests {
    private static func routes(_ tokens: (any TokenChecking)?) -> (Router<WebContext>) -> Void {
        { router in
            router.requiring("things.{thing}.read", from: tokens).get("things/:thing") { _, context in
                context.token?.token ?? "nobody"
            }
        }
    }

    private let tokens = KnownTokens(scopes: ["t1": ["things.a_b.read"]])

    @Test("a token in either header opens a route whose scope it grants")
    func granted() async throws {
        try await LiveServer.run(routes: Self.routes(tokens)) { (server: LiveServer) async throws in
            for header in [("X-Auth-Token", "t1"), ("Authorization", "Bearer t1"), ("authorization", "bearer t1")] {
                #expect(try await server.ask("GET", "/things/a.b", headers: [header]).text == "t1")
            }
        }
    }

    @Test("any other is a 401 that says why", arguments: ["", "wrong", "Basic dDE6"])
    func unknown(id: String) async throws {
        try await LiveServer.run(routes: Self.routes(tokens)) { server in
            let answer = try await server.ask("GET", "/things/a.b", headers: [("X-Auth-Token", id)])
            #expect(answer.status == 401)
            #expect(answer.json?["error_id"] as? String == "unauthorized")
            let details = answer.json?["details"] as? [String: String]
            #expect(details?["reason"] == "not_found_or_expired")
            #expect(details?["required_access"] == "things.a_b.read")
        }
    }

    @Test("one that grants too little is a 401 as well")
    func forbidden() async throws {
        try await LiveServer.run(routes: Self.routes(tokens)) { server in
            let answer = try await server.ask("GET", "/things/other", headers: [("X-Auth-Token", "t1")])
            #expect(answer.status == 401)
            let details = answer.json?["details"] as? [String: String]
            #expect(details?["reason"] == "missing_permission_or_invalid_tenant")
        }
    }

    @Test("without an auth service it is a 503, and without the wish for one everybody is let in")
    func unreachable() async throws {
        try await LiveServer.run(routes: Self.routes(KnownTokens(isUnreachable: true))) { server in
            let answer = try await server.ask("GET", "/things/a", headers: [("X-Auth-Token", "t1")])
            #expect(answer.status == 503)
            #expect(answer.json?["error_id"] as? String == "authentication-server-unreachable")
        }
        try await LiveServer.run(routes: Self.routes(nil)) { (server: LiveServer) async throws in
            #expect(try await server.ask("GET", "/things/a").text == "nobody")
        }
    }
}
