import EventBus
import Foundation
import NIOCore
import Testing

@testable import Auth

extension LiveAuthTests {
    @Suite("Events, the sweep and the first start")
    struct EventTests {
        @Test("logins, revocations and tenants are announced as wazo-bus has them", arguments: StoreKind.allCases)
        func events(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                let bus = EmbeddedBus()
                let stream = try await bus.listen(limit: 100)
                try await LiveAuth.run(database, bus: bus) { auth in
                    let login = try await auth.login(body: #"{"access_type":"offline","client_id":"a.b"}"#)
                    let session = try #require(login.data["session_uuid"] as? String)
                    let user = try #require(login.data["auth_id"] as? String)
                    let made = try await auth.ask("POST", "/tenants", token: login.token, body: #"{"name":"one"}"#)
                    let tenant = try #require(made.json["uuid"] as? String)
                    _ = try await auth.ask("DELETE", "/users/me/tokens/a.b", token: login.token)
                    _ = try await auth.ask("DELETE", "/token/\(login.token)")
                    bus.shutDown()
                    var events: [ServiceEvent] = []
                    for await event in stream { events.append(event) }
                    #expect(
                        events.map(\.routingKey) == [
                            "auth.users.\(user).tokens.a__DOT__b.created", "auth.sessions.\(session).created",
                            "auth.tenants.\(tenant).created", "auth.users.\(user).tokens.a__DOT__b.deleted",
                            "auth.sessions.\(session).deleted",
                        ]
                    )
                    let event = try #require(events.first { $0.name == "auth_session_created" })
                    #expect(event.headers["required_acl"] == .text("events.\(event.routingKey)"))
                    #expect(event.headers["required_access"] == .text("event.auth_session_created"))
                    #expect(event.headers["user_uuid:\(user)"] == .flag(true))
                    #expect(events[2].headers["user_uuid:*"] == .flag(true))
                    #expect(events[2].name == "auth_tenant_added")
                    let body = try #require(
                        try JSONSerialization.jsonObject(with: Data(String(buffer: event.body).utf8)) as? [String: Any]
                    )
                    let data = try #require(body["data"] as? [String: Any])
                    #expect(Set(data.keys) == ["uuid", "tenant_uuid", "user_uuid", "mobile"])
                    #expect(body["name"] as? String == "auth_session_created")
                }
            }
        }

        @Test(
            "expired sessions are swept out, and those that soon will be are spoken of, once",
            arguments: StoreKind.allCases
        )
        func sweep(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                let bus = EmbeddedBus()
                let stream = try await bus.listen(limit: 100)
                try await LiveAuth.run(database, bus: bus) {
                    $0.sweepInterval = .milliseconds(100)
                } _: { auth in
                    let store = try await database.open()
                    let long = try await auth.login()
                    let other = try #require(long.data["session_uuid"] as? String)
                    try await store.write { sql in
                        _ = try sql.run(
                            "UPDATE sessions SET expires = expires - 6900, issued = issued - 6900 WHERE uuid = ?",
                            .text(other)
                        )
                    }
                    let short = try await auth.login(body: #"{"expiration":1}"#)
                    let session = try #require(short.data["session_uuid"] as? String)
                    var keys: [String] = []
                    var awaited = ["sessions.\(session).deleted", "sessions.\(other).expire_soon"]
                    for await event in stream {
                        keys.append(event.routingKey)
                        awaited.removeAll { event.routingKey.hasSuffix($0) }
                        if awaited.isEmpty { break }
                    }
                    #expect(keys.filter { $0.hasSuffix("sessions.\(other).expire_soon") }.count == 1)
                    let left = try await store.read {
                        try $0.run("SELECT uuid FROM sessions").compactMap { $0.text("uuid") }
                    }
                    #expect(left == [other])
                    await store.close()
                }
            }
        }

        @Test(
            "the first admin's password is made up and told once, given, or that of the demo",
            arguments: StoreKind.allCases
        )
        func firstAdmin(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) {
                    $0.adminPassword = nil
                } _: { auth in
                    let line = try #require(auth.told.first)
                    let password = try #require(line.firstMatch(of: /password '(\w{20})'/)?.1)
                    #expect(try await auth.login("admin", String(password)).status == 200)
                }
                try await LiveAuth.run(database) { auth in
                    #expect(auth.told.isEmpty)
                    let answer = try await auth.login()
                    #expect(answer.status == 401)
                }
            }
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) {
                    $0.adminPassword = nil
                    $0.isDemo = true
                } _: { auth in
                    #expect(auth.told.isEmpty)
                    let login = try await auth.login("admin", "secret")
                    #expect(login.data["auth_id"] as? String == "acea422c-84cf-4dd5-a244-6108d3a7e6e4")
                }
            }
        }

        @Test("neither tokens nor passwords can be read in the store", arguments: StoreKind.allCases)
        func secrets(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let token = try await auth.login().token
                    let store = try await database.open()
                    for table in ["users", "sessions"] {
                        let rows = try await store.read { try $0.run("SELECT * FROM \(table)") }
                        #expect(!rows.isEmpty)
                        #expect(!"\(rows)".contains(token))
                        #expect(!"\(rows)".contains(LiveAuth.password))
                    }
                    await store.close()
                }
            }
        }
    }
}
