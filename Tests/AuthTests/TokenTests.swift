import Access
import Foundation
import Testing

@testable import Auth

extension LiveAuthTests {
    @Suite("Tokens")
    struct TokenTests {
        @Test(
            "a login answers with a token as every era of clients reads it",
            arguments: StoreKind.allCases,
            ["", "/api/auth"]
        )
        func shape(_ kind: StoreKind, _ prefix: String) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let answer = try await auth.ask(
                        "POST",
                        "/token",
                        headers: [
                            LiveAuth.basic("admin", LiveAuth.password), ("User-Agent", "Wazo Python auth client"),
                            ("Wazo-Session-Type", "mobile"),
                        ],
                        body: #"{"backend":"wazo_user","expiration":3600,"unknown":[1]}"#,
                        prefix: prefix + "/0.1"
                    )
                    #expect(answer.status == 200)
                    #expect(answer.headers["wazo-sessions-revoked"] == "0")
                    let token = answer.data
                    for key in [
                        "token", "auth_id", "xivo_user_uuid", "xivo_uuid", "issued_at", "expires_at", "session_uuid",
                        "remote_addr",
                    ] {
                        #expect(token[key] is String, "\(key)")
                    }
                    #expect(token["user_agent"] as? String == "Wazo Python auth client")
                    #expect(token["refresh_token"] == nil)
                    #expect((token["acl"] as? [String])?.contains("#") == true)
                    #expect((token["acls"] as? [String])?.contains("websocketd") == true)
                    let expiry = try #require(token["utc_expires_at"] as? String)
                    #expect(expiry.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}/) != nil)
                    let metadata = try #require(token["metadata"] as? [String: Any])
                    for key in ["uuid", "tenant_uuid", "auth_id", "pbx_user_uuid", "xivo_uuid", "purpose"] {
                        #expect(metadata[key] is String, "\(key)")
                    }
                    // Of the first era.
                    #expect(metadata["username"] as? String == "admin")
                    #expect(metadata["groups"] is [String])
                    let tenants = try #require(metadata["visible_tenants"] as? [[String: Any]])
                    #expect(tenants.first?["uuid"] as? String == metadata["tenant_uuid"] as? String)
                    let known = try await auth.ask("GET", "/token/\(answer.token)", prefix: prefix + "/0.1")
                    #expect(known.status == 200)
                    #expect(known.data["session_uuid"] as? String == token["session_uuid"] as? String)
                }
            }
        }

        @Test(
            "names are those of users or confirmed addresses, in any case; all that is wrong looks the same",
            arguments: StoreKind.allCases
        )
        func names(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let made = try await auth.ask(
                        "POST",
                        "/users",
                        token: admin,
                        body: #"{"username":"Élise","password":"pässword","email_address":"Elise@Example.org"}"#
                    )
                    #expect(made.status == 200)
                    let uuid = try #require(made.json["uuid"] as? String)
                    for name in ["Élise", "élise", "elise@example.ORG"] {
                        #expect(try await auth.login(name, "pässword").status == 200, "\(name)")
                    }
                    let latin = Data("Élise:pässword".unicodeScalars.map { UInt8($0.value) }).base64EncodedString()
                    #expect(
                        try await auth.ask("POST", "/token", headers: [("Authorization", "Basic \(latin)")], body: "{}")
                            .status == 200
                    )
                    for (name, password) in [("Élise", "password"), ("nobody", "pässword"), ("", ""), ("Élise", "")] {
                        let answer = try await auth.login(name, password)
                        #expect(answer.status == 401)
                        #expect((answer.json["reason"] as? [String]) == ["Authentication Failed"])
                        #expect(answer.json["status_code"] as? Int == 401)
                    }
                    // An address that is not confirmed is no name.
                    let emails = #"{"emails":[{"address":"new@example.org","main":true}]}"#
                    #expect(
                        try await auth.ask("PUT", "/users/\(uuid)/emails", token: admin, body: emails).status == 200
                    )
                    #expect(try await auth.login("new@example.org", "pässword").status == 401)
                    let confirmed = #"{"emails":[{"address":"new@example.org","main":true,"confirmed":true}]}"#
                    #expect(
                        try await auth.ask("PUT", "/admin/users/\(uuid)/emails", token: admin, body: confirmed).status
                            == 200
                    )
                    #expect(try await auth.login("new@example.org", "pässword").status == 200)
                    // Who is disabled is out, with what he had.
                    let token = try await auth.login("Élise", "pässword").token
                    #expect(
                        try await auth.ask(
                            "PUT",
                            "/users/\(uuid)",
                            token: admin,
                            body: #"{"username":"Élise","enabled":false}"#
                        ).status == 200
                    )
                    #expect(try await auth.login("Élise", "pässword").status == 401)
                    #expect(try await auth.ask("HEAD", "/token/\(token)").status == 404)
                }
            }
        }

        @Test(
            "a body is held against the rules of the wire",
            arguments: [
                ("", 400), ("{", 400), ("[]", 400), ("{}", 200), (#"{"expiration":0}"#, 400),
                (#"{"expiration":1}"#, 200),
                (#"{"expiration":315360000}"#, 200), (#"{"expiration":315360001}"#, 400), (#"{"expiration":"a"}"#, 400),
                (#"{"access_type":"offline"}"#, 400), (#"{"access_type":"online"}"#, 200),
                (#"{"access_type":"other"}"#, 400),
                (#"{"access_type":"offline","client_id":""}"#, 400),
                (#"{"access_type":"offline","client_id":"a"}"#, 200),
                (#"{"access_type":"offline","client_id":"a","refresh_token":"b"}"#, 400),
                (#"{"refresh_token":"b"}"#, 400),
                (#"{"refresh_token":"b","client_id":"c"}"#, 401), (#"{"tenant_id":"a","domain_name":"b"}"#, 400),
                (#"{"saml_session_id":"a","refresh_token":"b","client_id":"c"}"#, 400),
                (#"{"saml_session_id":"a"}"#, 401),
            ]
        )
        func bodies(_ body: String, _ status: Int) async throws {
            try await StoreKind.sqlite.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let answer = try await auth.login(body: body)
                    #expect(answer.status == status, "\(body)")
                }
            }
        }

        @Test("a token is asked about with scope and tenant, and revoked", arguments: StoreKind.allCases)
        func byID(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let made = try await auth.ask("POST", "/tenants", token: admin, body: #"{"name":"one"}"#)
                    let one = try #require(made.json["uuid"] as? String)
                    let other = try #require(
                        try await auth.ask("POST", "/tenants", token: admin, body: #"{"name":"two"}"#).json["uuid"]
                            as? String
                    )
                    _ = try await auth.makeUser(
                        "anna",
                        acl: ["foo.*.read", "!foo.secret.read"],
                        tenant: one,
                        by: admin
                    )
                    let token = try await auth.login("anna", "anna-password").token
                    let cases = [
                        ("", 200), ("?scope=foo.bar.read", 200), ("?scope=foo.secret.read", 403), ("?scope=bar", 403),
                        ("?scope=foo.bar.read&tenant=\(one)", 200), ("?tenant=\(other)", 403), ("?tenant=nothing", 403),
                        ("?scope=websocketd", 200),
                    ]
                    for (query, status) in cases {
                        #expect(try await auth.ask("GET", "/token/\(token)\(query)").status == status, "\(query)")
                        #expect(
                            try await auth.ask("HEAD", "/token/\(token)\(query)").status
                                == (status == 200 ? 204 : status)
                        )
                    }
                    #expect(try await auth.ask("GET", "/token/\(admin)?tenant=\(one)").status == 200)
                    let checks = try await auth.ask(
                        "POST",
                        "/token/\(token)/scopes/check",
                        body: #"{"scopes":["foo.bar.read","bar"],"tenant_uuid":null}"#
                    )
                    #expect(checks.status == 200)
                    #expect(checks.json["scopes"] as? [String: Bool] == ["foo.bar.read": true, "bar": false])
                    #expect(
                        try await auth.ask("POST", "/token/\(token)/scopes/check", body: #"{"scopes":[1]}"#).status
                            == 400
                    )
                    #expect(
                        try await auth.ask(
                            "POST",
                            "/token/\(token)/scopes/check",
                            body: #"{"scopes":[],"tenant_uuid":"\#(other)"}"#
                        ).status
                            == 403
                    )
                    #expect(try await auth.ask("DELETE", "/token/\(token)").status == 200)
                    #expect(try await auth.ask("DELETE", "/token/\(token)").text.contains("success"))
                    #expect(
                        try await auth.ask("GET", "/token/\(token)").json["reason"] as? [String] == ["No such token"]
                    )
                    for id in ["x", "%00", "%FF", "..%2f", UUID().uuidString, String(repeating: "a", count: 3000)] {
                        #expect(try await auth.ask("GET", "/token/\(id)").status == 404, "\(id)")
                    }
                }
            }
        }

        @Test(
            "refresh tokens: one per client, used without a password, for their client only",
            arguments: StoreKind.allCases
        )
        func refresh(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let offline = #"{"access_type":"offline","client_id":"phone"}"#
                    let first = try await auth.login(body: offline)
                    let refresh = try #require(first.data["refresh_token"] as? String)
                    #expect(try await auth.login(body: offline).data["refresh_token"] as? String == refresh)
                    let use = #"{"refresh_token":"\#(refresh)","client_id":"phone"}"#
                    let used = try await auth.ask("POST", "/token", headers: [LiveAuth.basic("", "")], body: use)
                    #expect(used.status == 200)
                    #expect(used.data["refresh_token"] == nil)
                    #expect(used.data["auth_id"] as? String == first.data["auth_id"] as? String)
                    let wrong = use.replacing("phone", with: "other")
                    #expect(try await auth.ask("POST", "/token", body: wrong).status == 401)
                    let user = try #require(first.data["auth_id"] as? String)
                    for path in ["/users/\(user)/tokens", "/users/me/tokens", "/tokens?order=created_at"] {
                        let list = try await auth.ask("GET", path, token: first.token)
                        #expect(list.items("client_id") == ["phone"], "\(path)")
                        #expect(list.json["filtered"] as? Int == 1)
                    }
                    #expect(
                        try await auth.ask("DELETE", "/users/\(user)/tokens/phone", token: first.token).status == 204
                    )
                    #expect(
                        try await auth.ask("DELETE", "/users/\(user)/tokens/phone", token: first.token).status == 404
                    )
                    #expect(try await auth.ask("POST", "/token", body: use).status == 401)
                }
            }
        }

        @Test(
            "a mobile login ends the sessions of the telephone before, and says how many",
            arguments: StoreKind.allCases
        )
        func mobile(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let mobile = [("Wazo-Session-Type", "MOBILE")]
                    let first = try await auth.login(
                        body: #"{"access_type":"offline","client_id":"old"}"#,
                        headers: mobile
                    )
                    let refresh = try #require(first.data["refresh_token"] as? String)
                    let again = try await auth.ask(
                        "POST",
                        "/token",
                        body: #"{"refresh_token":"\#(refresh)","client_id":"old"}"#
                    )
                    let desk = try await auth.login(body: #"{"access_type":"offline","client_id":"desk"}"#)
                    let second = try await auth.login(
                        body: #"{"access_type":"offline","client_id":"new"}"#,
                        headers: mobile
                    )
                    #expect(second.headers["wazo-sessions-revoked"] == "2")
                    for (token, status) in [
                        (first.token, 404), (again.token, 404), (desk.token, 204), (second.token, 204),
                    ] {
                        #expect(try await auth.ask("HEAD", "/token/\(token)").status == status)
                    }
                    #expect(
                        Set(try await auth.ask("GET", "/tokens", token: second.token).items("client_id")) == [
                            "desk", "new",
                        ]
                    )
                    let sessions = try await auth.ask("GET", "/sessions", token: second.token)
                    #expect(sessions.json["total"] as? Int == 2)
                }
            }
        }

        @Test("one user has so many sessions and no more; programs have any number", arguments: StoreKind.allCases)
        func bounds(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) {
                    $0.maximumSessions = 3
                } _: { auth in
                    let admin = try await auth.admin()
                    _ = try await auth.makeUser("anna", by: admin)
                    _ = try await auth.makeUser("robot", purpose: "internal", by: admin)
                    var last = ""
                    for _ in 0..<3 { last = try await auth.login("anna", "anna-password").token }
                    #expect(try await auth.login("anna", "anna-password").status == 429)
                    _ = try await auth.ask("DELETE", "/token/\(last)")
                    #expect(try await auth.login("anna", "anna-password").status == 200)
                    for _ in 0..<5 { #expect(try await auth.login("robot", "robot-password").status == 200) }
                }
            }
        }

        @Test("tokens expire", arguments: StoreKind.allCases)
        func expiry(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    // Before the token is made, which takes its time.
                    let begun = ContinuousClock.now
                    let token = try await auth.login(body: #"{"expiration":2}"#).token
                    // The suite's time limit bounds it.
                    while try await auth.ask("HEAD", "/token/\(token)").status != 404 {
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    // It was good before. Times are whole seconds: it may have been made late in one.
                    #expect(ContinuousClock.now - begun > .milliseconds(900))
                    #expect(try await auth.ask("GET", "/users", token: token).status == 401)
                }
            }
        }

        @Test("guesses are answered 429 after a while, with a time to wait; who knows the password elsewhere is let in")
        func throttle() async throws {
            try await StoreKind.sqlite.withDatabase { database in
                try await LiveAuth.run(database) {
                    // However slowly they come, no guess is forgotten meanwhile.
                    $0.logins.perName.interval = .seconds(600)
                } _: { auth in
                    func attempt(_ password: String, from address: String) async throws -> LiveAuth.Answer {
                        try await auth.login("admin", password, headers: [("X-Forwarded-For", address)])
                    }
                    var statuses: [Int] = []
                    for _ in 0..<12 { statuses.append(try await attempt("wrong", from: "192.0.2.1").status) }
                    #expect(statuses.filter { $0 == 401 }.count == 10)
                    let refused = try await attempt(LiveAuth.password, from: "192.0.2.1")
                    #expect(refused.status == 429)
                    #expect(Int(refused.headers["retry-after"] ?? "").map { $0 > 0 } == true)
                    #expect(try await attempt(LiveAuth.password, from: "192.0.2.2").status == 200)
                }
            }
        }

        @Test("two instances on one PostgreSQL, and on one file, share tokens", arguments: StoreKind.allCases)
        func instances(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { one in
                    try await LiveAuth.run(database) { other in
                        let token = try await one.login()
                        let seen = try await other.ask("GET", "/token/\(token.token)")
                        #expect(seen.status == 200)
                        #expect(seen.data["xivo_uuid"] as? String == token.data["xivo_uuid"] as? String)
                        #expect(try await other.ask("DELETE", "/token/\(token.token)").status == 200)
                        #expect(try await one.ask("HEAD", "/token/\(token.token)").status == 404)
                    }
                }
            }
        }
    }
}
