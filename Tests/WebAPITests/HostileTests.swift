import Foundation
import Hummingbird
import NIOCore
import Testing

@testable import WebAPI

@Suite("Hostile clients")
struct HostileTests {
    struct Named: Codable, Sendable {
        var name: String
        var calls: [String]?
    }

    private static func routes(_ router: Router<WebContext>) {
        router.post("named") { request, context in
            try JSONBody.answer(try await request.json(Named.self, context))
        }
    }

    @Test(
        "a body that cannot be used is a 400 with a message, or FastAPI's 422",
        arguments: [
            "", "{", "nonsense", "[]", "null", "{\"name\":1}", "{\"name\":\"a\",\"calls\":{}}",
            String(repeating: "[", count: 100_000),
        ]
    )
    func badBody(body: String) async throws {
        try await LiveServer.run(routes: Self.routes) { server in
            let answer = try await server.ask("POST", "/named", body: body)
            #expect(answer.status == 400)
            #expect(answer.json?["error_id"] as? String == "invalid-data")
            #expect(answer.json?["message"] is String)
        }
        try await LiveServer.run({ $0.errors = .fastAPI }, routes: Self.routes) { server in
            let answer = try await server.ask("POST", "/named", body: body)
            #expect(answer.status == 422)
            #expect(answer.text.hasPrefix("{\"detail\":[{\"loc\":[\"body\""))
        }
    }

    @Test("FastAPI's words for a part that is missing or of the wrong kind")
    func fastAPI() async throws {
        try await LiveServer.run({ $0.errors = .fastAPI }, routes: Self.routes) { server in
            let missing = try await server.ask("POST", "/named", body: "{}")
            let field = "{\"loc\":[\"body\",\"name\"],\"msg\":\"field required\",\"type\":\"value_error.missing\"}"
            #expect(missing.text == "{\"detail\":[\(field)]}")
            let wrong = try await server.ask("POST", "/named", body: "{\"name\":\"a\",\"calls\":7}")
            let list =
                "{\"loc\":[\"body\",\"calls\"],\"msg\":\"value is not a valid list\",\"type\":\"type_error.list\"}"
            #expect(wrong.text == "{\"detail\":[\(list)]}")
            #expect(try await server.ask("GET", "/none").text == "{\"detail\":\"Not Found\"}")
        }
    }

    @Test("bytes that are not UTF-8 are a 400")
    func badText() async throws {
        try await LiveServer.run(routes: Self.routes) { server in
            let head = "POST /named HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 12\r\n\r\n"
            let body = Array("{\"name\":\"".utf8) + [0xFF, 0x22, 0x7D]
            let answer = try await RawClient(port: server.port).exchange(bytes: [Array(head.utf8), body])
            #expect(answer.answer.hasPrefix("HTTP/1.1 400"))
            #expect(answer.answer.contains("not UTF-8"))
        }
    }

    @Test("a body that is too large is a 413, and one without end is cut off")
    func largeBody() async throws {
        try await LiveServer.run({ $0.maximumBody = 1000 }, routes: Self.routes) { server in
            let large = try await server.ask("POST", "/named", body: String(repeating: " ", count: 5000))
            #expect(large.status == 413)
            #expect(large.json?["error_id"] as? String == "body-too-large")
            let head = "POST /named HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n"
            let parts = [head] + Array(repeating: String(repeating: "x", count: 1 << 16), count: 1000)
            let endless = try await RawClient(port: server.port).exchange(parts)
            #expect(endless.time < .seconds(20))
        }
    }

    @Test("header floods are a 431 or a 400, in words")
    func headerFlood() async throws {
        try await LiveServer.run { server in
            let client = RawClient(port: server.port)
            let big = "GET /status HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "y", count: 100_000))\r\n\r\n"
            let large = try await client.exchange([big])
            #expect(large.answer.hasPrefix("HTTP/1.1 431"))
            #expect(large.answer.contains("{\"message\":"))
            let lines = String(repeating: "A: b\r\n", count: 5000)
            let many = try await client.exchange(["GET /status HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"])
            #expect(many.answer.hasPrefix("HTTP/1.1 431"))
            let nonsense = try await client.exchange(["\u{16}\u{3}\u{1}nonsense\r\n\r\n"])
            #expect(nonsense.answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("a head that trickles in, a body that does, and a connection that says nothing are closed in time")
    func slowClient() async throws {
        let change: (inout WebSettings) -> Void = {
            $0.idleTimeout = .milliseconds(500)
            $0.transferTimeout = .milliseconds(700)
        }
        try await LiveServer.run(change, routes: Self.routes) { server in
            let client = RawClient(port: server.port)
            async let silent = client.exchange([""])
            let head = "GET /status HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 150))\r\n".map(
                String.init
            )
            async let slowHead = client.exchange(head, pause: .milliseconds(200))
            let start = "POST /named HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
            async let slowBody = client.exchange([start] + Array(repeating: " ", count: 150), pause: .milliseconds(200))
            for time in [try await silent.time, try await slowHead.time, try await slowBody.time] {
                #expect(time < .seconds(20))
            }
        }
    }

    @Test("a client that does not read its answer does not keep the connection")
    func slowReader() async throws {
        let large = ByteBuffer(repeating: 0x61, count: 32 << 20)
        try await LiveServer.run(
            { $0.transferTimeout = .milliseconds(500) },
            routes: { router in
                router.get("large") { _, _ in large }
            }
        ) { server in
            let request = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
            let received = try await RawClient(port: server.port).read(after: request, pause: .seconds(2))
            #expect(received < large.readableBytes)
        }
    }

    @Test("what a route did not expect is a 500 that tells nothing, and the server goes on")
    func surprise() async throws {
        struct Surprise: Error { var secret = "s3cret" }
        try await LiveServer.run(routes: { router in
            router.get("surprise") { _, _ -> String in throw Surprise() }
        }) { server in
            let answer = try await server.ask("GET", "/surprise")
            #expect(answer.status == 500)
            #expect(!answer.text.contains("s3cret"))
            #expect(answer.json?["message"] as? String == "Internal Server Error")
            #expect(try await server.ask("GET", "/status").status == 200)
        }
    }
}
