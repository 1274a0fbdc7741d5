import Telemetry
import Testing

@testable import Auth

extension LiveAuthTests {
    /// Serialised, for a change concerns the whole process.
    @Suite("Configuration", .serialized)
    struct ConfigTests {
        @Test("debug logs are switched on and off, by the master tenant only")
        func debug() async throws {
            try await StoreKind.sqlite.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    defer { DebugLogs.isOn = false }
                    for isOn in [true, false] {
                        let step = #"[{"op":"replace","path":"/debug","value":\#(isOn)}]"#
                        let answer = try await auth.ask("PATCH", "/config", token: admin, body: step)
                        #expect(answer.status == 200)
                        #expect(answer.json["profiling_enabled"] as? Bool == false)
                        #expect(DebugLogs.isOn == isOn)
                    }
                    let tenant = try await auth.ask("POST", "/tenants", token: admin, body: #"{"name":"shop"}"#)
                    let shop = tenant.json["uuid"] as? String ?? ""
                    _ = try await auth.makeUser("anna", acl: ["auth.config.#"], tenant: shop, by: admin)
                    let anna = try await auth.login("anna", "anna-password").token
                    for (method, token, headers) in [
                        ("GET", anna, []), ("PATCH", anna, []), ("GET", admin, [("Wazo-Tenant", shop)]),
                    ] {
                        let body = method == "GET" ? nil : #"[{"op":"replace","path":"/debug","value":true}]"#
                        let answer = try await auth.ask(method, "/config", token: token, headers: headers, body: body)
                        #expect(answer.status == 401)
                    }
                    #expect(!DebugLogs.isOn)
                }
            }
        }

        @Test(
            "what is no change is refused, and nothing of it is done",
            arguments: [
                #"{}"#, #"[{}]"#, #"[{"op":"add","path":"/debug","value":true}]"#,
                #"[{"op":"replace","path":"/debug","value":"yes"}]"#, #"[{"op":"replace","path":"/debug"}]"#,
                #"[{"op":"replace","path":"/other","value":true}]"#,
                #"[{"op":"replace","path":"/profiling_enabled","value":true}]"#,
                #"[{"op":"replace","path":"/debug","value":true},{"op":"replace","path":"/other","value":true}]"#,
            ]
        )
        func refused(body: String) async throws {
            try await StoreKind.sqlite.withDatabase { database in
                try await LiveAuth.run(database) { auth in
                    let admin = try await auth.admin()
                    let answer = try await auth.ask("PATCH", "/config", token: admin, body: body)
                    #expect(answer.status == 400)
                    #expect(!DebugLogs.isOn)
                }
            }
        }
    }
}
