import Foundation
import NIOCore
import Testing

@testable import Auth

extension LiveAuthTests {
    @Suite("Hostile input")
    struct HostileTests {
        @Test("whatever is sent is answered with a clear 4xx, and the service goes on", arguments: StoreKind.allCases)
        func bodies(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let bodies: [(String, ByteBuffer)] = [
                        ("too large", ByteBuffer(repeating: UInt8(ascii: "["), count: 1_500_000)),
                        ("deep", ByteBuffer(string: String(repeating: "[", count: 100_000))),
                        ("no JSON", ByteBuffer(string: "name=value")),
                        ("no UTF-8", ByteBuffer(bytes: [0x7b, 0xff, 0xfe, 0x7d])),
                        (
                            "half a surrogate",
                            ByteBuffer(string: #"{"name":"\ud800","username":"\ud800","expiration":"\ud800"}"#)
                        ),
                        (
                            "zero byte",
                            ByteBuffer(
                                string: "{\"name\":\"a\\u0000\",\"username\":\"a\\u0000\",\"client_id\":\"\\u0000\"}"
                            )
                        ),
                        ("other types", ByteBuffer(string: #"{"name":{},"username":[1],"expiration":[],"slug":7}"#)),
                        ("a huge number", ByteBuffer(string: #"{"expiration":1e400,"name":1e400,"username":1e400}"#)),
                        ("nothing", ByteBuffer()),
                    ]
                    for path in ["/token", "/users", "/groups", "/policies", "/tenants"] {
                        for (name, body) in bodies {
                            let headers = path == "/token" ? [LiveAuth.basic("admin", LiveAuth.password)] : []
                            let answer = try await auth.ask("POST", path, token: admin, headers: headers, bytes: body)
                            let isClear = (400..<500).contains(answer.status)
                            // Tenants need no name: what is left of such a body may do.
                            #expect(isClear, "\(path) \(name): \(answer.status)")
                            #expect(
                                answer.json["message"] != nil || answer.json["reason"] != nil,
                                "\(path) \(name): \(answer.text)"
                            )
                        }
                    }
                    #expect(try await auth.ask("GET", "/users", token: admin).items("username") == ["admin"])
                }
            }
        }

        @Test("names in paths and queries may be anything", arguments: StoreKind.allCases)
        func paths(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let names = [
                        "%00", "%FF%FE", "'%20OR%20'1'='1", "%25", "..%2F..%2Fetc", "%F0%9F%90%8E", "a%3Bb",
                        String(repeating: "x", count: 900),
                    ]
                    for name in names {
                        for path in [
                            "/users/\(name)", "/groups/\(name)", "/policies/\(name)", "/tenants/\(name)",
                            "/users/\(name)/policies", "/users/\(name)/tokens",
                        ] {
                            let answer = try await auth.ask("GET", path, token: admin)
                            #expect(answer.status == 404, "\(path): \(answer.status)")
                        }
                        for path in [
                            "/users/\(name)", "/sessions/\(name)", "/users/me/tokens/\(name)",
                            "/groups/\(name)/users/\(name)",
                        ] {
                            #expect(try await auth.ask("DELETE", path, token: admin).status == 404, "\(path)")
                        }
                        for list in ["users", "groups", "policies", "tenants", "sessions", "tokens"] {
                            let answer = try await auth.ask("GET", "/\(list)?search=\(name)&uuid=\(name)", token: admin)
                            #expect([200, 400].contains(answer.status), "\(list) \(name): \(answer.status)")
                        }
                    }
                    for header in [
                        "Basic", "Basic !!!", "Basic " + Data("nocolon".utf8).base64EncodedString(), "Digest x",
                        "Basic " + String(repeating: "A", count: 20_000),
                    ] {
                        let answer = try await auth.ask(
                            "POST",
                            "/token",
                            headers: [("Authorization", header)],
                            body: "{}"
                        )
                        #expect([401, 429].contains(answer.status), "\(header.prefix(20)): \(answer.status)")
                    }
                }
            }
        }

        @Test("tokens cannot be guessed, and guesses are cheap to refuse")
        func guesses() async throws {
            try await StoreKind.sqlite.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    for _ in 0..<200 {
                        let answer = try await auth.ask("GET", "/token/\(UUID().uuidString.lowercased())")
                        #expect(answer.status == 404)
                    }
                    #expect(try await auth.login().status == 200)
                }
            }
        }

        @Test("what is not configured says so")
        func absent() async throws {
            try await StoreKind.sqlite.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let requests = [
                        ("GET", "/backends/ldap"), ("PUT", "/backends/saml"), ("POST", "/saml/sso"),
                        ("PUT", "/idp/ldap/users"),
                        ("GET", "/external/google/config"), ("POST", "/users/register"),
                        ("GET", "/users/password/reset"),
                    ]
                    for (method, path) in requests {
                        let answer = try await auth.ask(method, path)
                        #expect(answer.status == 404)
                        #expect(answer.json["error_id"] as? String == "not-configured", "\(path)")
                    }
                    #expect(try await auth.ask("GET", "/backends").json["data"] as? [String] == ["wazo_user"])
                    #expect(try await auth.ask("HEAD", "/status").status == 200)
                }
            }
        }
    }
}
