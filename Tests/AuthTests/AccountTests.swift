import Foundation
import Testing

@testable import Auth

extension LiveAuthTests {
    @Suite("Accounts")
    struct AccountTests {
        @Test("the bootstrap of asterisk-scale-poc, request by request", arguments: StoreKind.allCases)
        func bootstrapOfTheFirstDemo(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let uuid = "acea422c-84cf-4dd5-a244-6108d3a7e6e4"
                    let user = try await auth.ask(
                        "POST",
                        "/users",
                        token: admin,
                        body: #"{"uuid":"\#(uuid)","username":"demo","password":"secret","purpose":"user"}"#
                    )
                    #expect(user.status == 200)
                    #expect(user.json["uuid"] as? String == uuid)
                    let policy = try await auth.ask(
                        "POST",
                        "/policies",
                        token: admin,
                        body: #"{"name":"demo","acl":["events.applications.#"]}"#
                    )
                    #expect(policy.status == 200)
                    let policyID = try #require(policy.json["uuid"] as? String)
                    #expect(
                        try await auth.ask("PUT", "/users/\(uuid)/policies/\(policyID)", token: admin).status == 204
                    )
                    let token = try await auth.login("demo", "secret").token
                    for scope in ["websocketd", "events.applications.1.calls.2.3.created"] {
                        #expect(try await auth.ask("HEAD", "/token/\(token)?scope=\(scope)").status == 204, "\(scope)")
                    }
                    #expect(try await auth.ask("HEAD", "/token/\(token)?scope=auth.users.read").status == 403)
                }
            }
        }

        @Test("users are made, seen, listed, changed and removed", arguments: StoreKind.allCases)
        func users(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let anna = try await auth.makeUser("anna", by: admin)
                    _ = try await auth.makeUser("bert", by: admin)
                    let user = try await auth.ask("GET", "/users/\(anna)", token: admin)
                    for key in [
                        "uuid", "username", "firstname", "lastname", "purpose", "enabled", "tenant_uuid",
                        "authentication_method", "emails",
                    ] {
                        #expect(user.json[key] != nil, "\(key)")
                    }
                    #expect(user.json["password"] == nil)
                    #expect(try await auth.ask("HEAD", "/users/\(anna)", token: admin).status == 204)
                    let list = try await auth.ask("GET", "/users?order=username&direction=desc&limit=2", token: admin)
                    #expect(list.items("username") == ["bert", "anna"])
                    #expect(list.json["total"] as? Int == 3)
                    #expect(try await auth.ask("GET", "/users?search=ANN", token: admin).json["filtered"] as? Int == 1)
                    #expect(
                        try await auth.ask("GET", "/users?username=bert", token: admin).items("username") == ["bert"]
                    )
                    for query in ["order=nothing", "direction=up", "limit=-1", "limit=x", "offset=x", "recurse=maybe"] {
                        #expect(try await auth.ask("GET", "/users?\(query)", token: admin).status == 400, "\(query)")
                    }
                    let twice = try await auth.ask("POST", "/users", token: admin, body: #"{"username":"ANNA"}"#)
                    #expect(twice.status == 409)
                    #expect(twice.json["error_id"] as? String == "conflict")
                    let changed = try await auth.ask(
                        "PUT",
                        "/users/\(anna)",
                        token: admin,
                        body: #"{"username":"anna","firstname":"Anna"}"#
                    )
                    #expect(changed.json["firstname"] as? String == "Anna")
                    #expect(try await auth.ask("DELETE", "/users/\(anna)", token: admin).status == 204)
                    let gone = try await auth.ask("GET", "/users/\(anna)", token: admin)
                    #expect(gone.status == 404)
                    #expect(gone.json["error_id"] as? String == "unknown-user")
                    #expect(try await auth.login("anna", "anna-password").status == 401)
                }
            }
        }

        @Test("a user changes his password with the old one, which ends his sessions", arguments: StoreKind.allCases)
        func password(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    _ = try await auth.makeUser("anna", by: admin)
                    let token = try await auth.login("anna", "anna-password").token
                    func change(_ old: String, _ new: String) async throws -> Int {
                        try await auth.ask(
                            "PUT",
                            "/users/me/password",
                            token: token,
                            body: #"{"old_password":"\#(old)","new_password":"\#(new)"}"#
                        ).status
                    }
                    #expect(try await change("wrong", "new") == 401)
                    #expect(try await change("anna-password", "") == 400)
                    #expect(try await change("anna-password", "new") == 204)
                    #expect(try await auth.ask("HEAD", "/token/\(token)").status == 404)
                    #expect(try await auth.login("anna", "anna-password").status == 401)
                    #expect(try await auth.login("anna", "new").status == 200)
                }
            }
        }

        @Test("a protected route answers 401, and why, to whoever has no good token", arguments: StoreKind.allCases)
        func protection(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    _ = try await auth.makeUser("anna", by: admin)
                    let token = try await auth.login("anna", "anna-password").token
                    for (given, reason) in [
                        (nil, "not_found_or_expired"), ("nothing", "not_found_or_expired"),
                        (token, "missing_permission_or_invalid_tenant"),
                    ] {
                        let answer = try await auth.ask("GET", "/users", token: given)
                        #expect(answer.status == 401)
                        #expect(answer.json["error_id"] as? String == "unauthorized")
                        #expect((answer.json["details"] as? [String: Any])?["reason"] as? String == reason)
                        #expect(
                            (answer.json["details"] as? [String: Any])?["required_access"] as? String
                                == "auth.users.read"
                        )
                    }
                    #expect(try await auth.ask("GET", "/users/me", token: token).json["username"] as? String == "anna")
                    let bearer = [("Authorization", "Bearer \(admin)")]
                    #expect(try await auth.ask("GET", "/users", headers: bearer).status == 200)
                }
            }
        }

        @Test("nobody gives or takes what he does not have himself", arguments: StoreKind.allCases)
        func granting(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let anna = try await auth.makeUser("anna", acl: ["auth.#", "foo.*"], by: admin)
                    let token = try await auth.login("anna", "anna-password").token
                    func make(_ name: String, _ acl: String) async throws -> LiveAuth.Answer {
                        try await auth.ask(
                            "POST",
                            "/policies",
                            token: token,
                            body: #"{"name":"\#(name)","acl":\#(acl)}"#
                        )
                    }
                    #expect(try await make("more", ##"["#"]"##).json["reason"] as? [String] == ["Unauthorized for #"])
                    #expect(try await make("deeper", #"["foo.#"]"#).status == 401)
                    let own = try await make("own", #"["foo.bar","!anything"]"#)
                    #expect(own.status == 200)
                    #expect(own.json["slug"] as? String == "own")
                    #expect(
                        try await make("own", "[]").json["reason"] as? [String] == [#"Policy "own" already exists"#]
                    )
                    #expect(try await auth.ask("PUT", "/policies/own/acl/foo.baz", token: token).status == 204)
                    #expect(try await auth.ask("PUT", "/policies/own/acl/bar", token: token).status == 401)
                    #expect(try await auth.ask("DELETE", "/policies/own/acl/%21anything", token: token).status == 401)
                    #expect(try await auth.ask("DELETE", "/policies/own/acl/foo.baz", token: token).status == 204)
                    let master = Policy.masterSlug
                    #expect(try await auth.ask("PUT", "/users/\(anna)/policies/\(master)", token: token).status == 401)
                    #expect(try await auth.ask("DELETE", "/policies/\(master)", token: admin).status == 403)
                    #expect(
                        try await auth.ask("PUT", "/users/\(anna)/policies/nothing", token: admin).json["reason"]
                            as? [String] == ["No such policy nothing"]
                    )
                    let seen = try await auth.ask("GET", "/policies/own", token: token)
                    #expect(Set(seen.json["acl"] as? [String] ?? []) == ["foo.bar", "!anything"])
                    let list = try await auth.ask("GET", "/policies", token: token)
                    #expect(list.json["filtered"] == nil)
                    #expect(list.items("name").contains("own"))
                }
            }
        }

        @Test(
            "groups give their users policies; the group of all users is the service's own",
            arguments: StoreKind.allCases
        )
        func groups(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let anna = try await auth.makeUser("anna", by: admin)
                    let made = try await auth.ask("POST", "/groups", token: admin, body: #"{"name":"Sales team"}"#)
                    #expect(made.json["slug"] as? String == "Salesteam")
                    let group = try #require(made.json["uuid"] as? String)
                    #expect(
                        try await auth.ask("POST", "/groups", token: admin, body: #"{"name":"Sales team"}"#).status
                            == 409
                    )
                    let policy = #"{"name":"sell","acl":["sell.#"]}"#
                    _ = try await auth.ask("POST", "/policies", token: admin, body: policy)
                    #expect(try await auth.ask("PUT", "/groups/\(group)/policies/sell", token: admin).status == 204)
                    #expect(try await auth.ask("PUT", "/groups/\(group)/users/\(anna)", token: admin).status == 204)
                    #expect(
                        try await auth.ask("GET", "/groups/\(group)/users", token: admin).items("username") == ["anna"]
                    )
                    #expect(
                        try await auth.ask("GET", "/groups/\(group)/policies", token: admin).items("name") == ["sell"]
                    )
                    let token = try await auth.login("anna", "anna-password").token
                    #expect(try await auth.ask("HEAD", "/token/\(token)?scope=sell.cars").status == 204)
                    let groups = try await auth.ask("GET", "/users/\(anna)/groups", token: admin)
                    #expect(groups.json["total"] as? Int == 2)
                    let list = try await auth.ask("GET", "/groups?search=wazo-all-users", token: admin)
                    let everyone = try #require(list.items("uuid").first)
                    #expect(try await auth.ask("DELETE", "/groups/\(everyone)", token: admin).status == 403)
                    #expect(
                        try await auth.ask("DELETE", "/groups/\(everyone)/users/\(anna)", token: admin).status == 403
                    )
                    #expect(try await auth.ask("DELETE", "/groups/\(group)/users/\(anna)", token: admin).status == 204)
                    #expect(try await auth.ask("DELETE", "/groups/\(group)/users/\(anna)", token: admin).status == 404)
                    #expect(try await auth.ask("DELETE", "/groups/\(group)", token: admin).status == 204)
                }
            }
        }

        @Test("tenants form a tree, and nobody sees beyond his own part", arguments: StoreKind.allCases)
        func tenants(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    func make(_ name: String, below parent: String? = nil) async throws -> String {
                        let headers = parent.map { [("Wazo-Tenant", $0)] } ?? []
                        let made = try await auth.ask(
                            "POST",
                            "/tenants",
                            token: admin,
                            headers: headers,
                            body: #"{"name":"\#(name)"}"#
                        )
                        #expect(made.status == 200)
                        return made.json["uuid"] as? String ?? ""
                    }
                    let one = try await make("one")
                    let below = try await make("below", below: one)
                    let two = try await make("two")
                    _ = try await auth.makeUser("anna", acl: ["auth.#"], tenant: one, by: admin)
                    let token = try await auth.login("anna", "anna-password").token
                    #expect(Set(try await auth.ask("GET", "/tenants", token: token).items("name")) == ["one", "below"])
                    #expect(
                        Set(try await auth.ask("GET", "/tenants", token: admin).items("name")) == [
                            "master", "one", "below", "two",
                        ]
                    )
                    #expect(try await auth.ask("GET", "/tenants/\(two)", token: token).status == 404)
                    let beyond = try await auth.ask("GET", "/users", token: token, headers: [("Wazo-Tenant", two)])
                    #expect(beyond.status == 401)
                    #expect(beyond.json["error_id"] as? String == "unauthorized-tenant")
                    #expect(try await auth.ask("GET", "/users", token: admin).items("username") == ["admin"])
                    #expect(
                        Set(try await auth.ask("GET", "/users?recurse=true", token: admin).items("username")) == [
                            "admin", "anna",
                        ]
                    )
                    #expect(
                        try await auth.ask("GET", "/users", token: admin, headers: [("Wazo-Tenant", one)]).items(
                            "username"
                        ) == ["anna"]
                    )
                    let groups = try await auth.ask("GET", "/groups", token: admin, headers: [("Wazo-Tenant", below)])
                    #expect(groups.items("name") == ["wazo-all-users-tenant-\(below)"])
                    #expect(try await auth.ask("DELETE", "/tenants/\(one)", token: token).status == 403)
                    #expect(try await auth.ask("DELETE", "/tenants/\(one)", token: admin).status == 400)
                    #expect(try await auth.ask("PUT", "/tenants/\(one)/parent/\(below)", token: admin).status == 400)
                    #expect(try await auth.ask("PUT", "/tenants/\(below)/parent/\(two)", token: admin).status == 204)
                    #expect(try await auth.ask("GET", "/tenants", token: token).items("name") == ["one"])
                    let body = #"{"name":"uno","domain_names":["one.example"],"address":{"city":"Québec"}}"#
                    let changed = try await auth.ask("PUT", "/tenants/\(one)", token: admin, body: body)
                    #expect((changed.json["address"] as? [String: Any])?["city"] as? String == "Québec")
                    #expect(
                        try await auth.ask("GET", "/tenants/\(one)/domains", token: admin).items("name") == [
                            "one.example"
                        ]
                    )
                    #expect(try await auth.ask("PUT", "/tenants/\(two)", token: admin, body: body).status == 409)
                    #expect(try await auth.ask("DELETE", "/tenants/\(one)", token: admin).status == 204)
                    #expect(try await auth.ask("HEAD", "/token/\(token)").status == 404)
                    let master = try await auth.ask("GET", "/tenants?search=master", token: admin)
                    #expect(master.items("uuid") == master.items("parent_uuid"))
                }
            }
        }

        @Test("sessions are listed and ended", arguments: StoreKind.allCases)
        func sessions(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let anna = try await auth.makeUser("anna", by: admin)
                    let first = try await auth.login("anna", "anna-password")
                    let second = try await auth.login("anna", "anna-password")
                    let session = try #require(first.data["session_uuid"] as? String)
                    #expect(
                        try await auth.ask("GET", "/users/me/sessions", token: second.token).json["total"] as? Int == 2
                    )
                    #expect(try await auth.ask("GET", "/sessions", token: admin).json["total"] as? Int == 3)
                    #expect(
                        try await auth.ask("DELETE", "/users/me/sessions/\(session)", token: second.token).status == 204
                    )
                    #expect(try await auth.ask("HEAD", "/token/\(first.token)").status == 404)
                    let other = try #require(second.data["session_uuid"] as? String)
                    #expect(try await auth.ask("DELETE", "/sessions/\(other)", token: admin).status == 204)
                    #expect(try await auth.ask("DELETE", "/sessions/\(other)", token: admin).status == 404)
                    #expect(
                        try await auth.ask("GET", "/users/\(anna)/sessions", token: admin).json["total"] as? Int == 0
                    )
                }
            }
        }
    }
}
