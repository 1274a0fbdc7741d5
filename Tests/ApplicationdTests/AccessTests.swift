import ARI
import Access
import EventBus
import NIOHTTP1
import Testing
import WebAPI

@testable import Applicationd

@Suite("Who may do what", .timeLimit(.minutes(5)))
struct ApplicationAccessTests {
    /// Grants what it is told, and remembers what it was asked for.
    private struct KnownTokens: TokenChecking {
        var scope: String?
        var isUnreachable = false

        func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
            if isUnreachable { throw .unreachable("nobody answers") }
            guard id == "known" else { throw .unknown }
            guard self.scope == nil || scope == self.scope else { throw .forbidden }
            return .sample(tenant: "11111111-2222-3333-4444-555555555555")
        }
    }

    private static let path = "/1.0/applications/\(Fixtures.application)"

    @Test(
        "every route needs the access that it is documented with",
        arguments: [
            ("POST", "/1.0/applications/test", "create"),
            ("GET", path, "A.read"),
            ("GET", "\(path)/calls", "A.calls.read"),
            ("POST", "\(path)/calls", "A.calls.create"),
            ("DELETE", "\(path)/calls/ast1-1.5", "A.calls.ast1-1_5.delete"),
            ("PUT", "\(path)/calls/c/answer", "A.calls.c.answer.update"),
            ("PUT", "\(path)/calls/c/hold/start", "A.calls.c.hold.start.update"),
            ("PUT", "\(path)/calls/c/hold/stop", "A.calls.c.hold.stop.update"),
            ("PUT", "\(path)/calls/c/mute/start", "A.calls.c.mute.start.update"),
            ("POST", "\(path)/calls/c/mute/start", "A.calls.c.mute.start.update"),
            ("POST", "\(path)/calls/c/mute/stop", "A.calls.c.mute.stop.update"),
            ("PUT", "\(path)/calls/c/moh/default/start", "A.calls.c.moh.default.start.update"),
            ("PUT", "\(path)/calls/c/moh/stop", "A.calls.c.moh.stop.update"),
            ("PUT", "\(path)/calls/c/progress/start", "A.calls.c.progress.start.update"),
            ("PUT", "\(path)/calls/c/dtmf", "A.calls.c.dtmf.update"),
            ("GET", "\(path)/calls/c/variables/X", "A.calls.c.variables.X.read"),
            ("PUT", "\(path)/calls/c/variables/X", "A.calls.c.variables.X.update"),
            ("POST", "\(path)/calls/c/playbacks", "A.calls.c.playbacks.create"),
            ("POST", "\(path)/calls/c/recordings", "A.calls.c.recordings.create"),
            ("POST", "\(path)/calls/c/snoops", "A.calls.c.snoops.create"),
            ("DELETE", "\(path)/playbacks/p", "A.playbacks.p.delete"),
            ("PUT", "\(path)/recordings/r/stop", "A.recordings.r.stop.update"),
            ("DELETE", "\(path)/recordings/r", "A.recordings.r.delete"),
            ("GET", "\(path)/snoops", "A.snoops.read"),
            ("GET", "\(path)/snoops/s", "A.snoops.s.read"),
            ("PUT", "\(path)/snoops/s", "A.snoops.s.update"),
            ("DELETE", "\(path)/snoops/s", "A.snoops.s.delete"),
            ("GET", "\(path)/nodes", "A.nodes.read"),
            ("POST", "\(path)/nodes", "A.nodes.create"),
            ("POST", "\(path)/nodes/n", "A.nodes.create"),
            ("GET", "\(path)/nodes/n", "A.nodes.n.read"),
            ("DELETE", "\(path)/nodes/n", "A.nodes.n.delete"),
            ("POST", "\(path)/nodes/n/calls", "A.nodes.n.calls.create"),
            ("POST", "\(path)/nodes/n/calls/user", "A.nodes.n.calls.user.create"),
            ("PUT", "\(path)/nodes/n/calls/c", "A.nodes.n.calls.c.update"),
            ("DELETE", "\(path)/nodes/n/calls/c", "A.nodes.n.calls.c.delete"),
        ]
    )
    func scopes(method: String, path: String, scope: String) async throws {
        let required = "applicationd.applications." + scope.replacing("A.", with: Fixtures.application + ".")
        try await Stage.run { stage in
            let granting = try await RunningApplicationd(
                "one",
                gateway: stage.gateway,
                bus: stage.bus,
                tokens: KnownTokens(scope: required)
            )
            let verb = HTTPMethod(rawValue: method)
            let without = try await granting.ask(verb, path)
            #expect(without.short == "401 unauthorized")
            #expect(without.json["details"]?["required_access"] == .string(required))
            let wrong = try await granting.ask(verb, path, headers: [("X-Auth-Token", "other")])
            #expect(wrong.short == "401 unauthorized")
            let granted = try await granting.ask(verb, path, headers: [("Authorization", "Bearer known")])
            #expect(granted.status != 401)
            await granting.kill()
        }
    }

    @Test("a token that grants too little does not do, and nobody gets in while the auth service is away")
    func refused() async throws {
        try await Stage.run { stage in
            let narrow = try await RunningApplicationd(
                "one",
                gateway: stage.gateway,
                bus: stage.bus,
                tokens: KnownTokens(scope: "applicationd.applications.read")
            )
            let refused = try await narrow.ask(.POST, "/1.0/applications/x", headers: [("X-Auth-Token", "known")])
            #expect(refused.short == "401 unauthorized")
            await narrow.kill()
            let away = try await RunningApplicationd(
                "two",
                gateway: stage.gateway,
                bus: stage.bus,
                tokens: KnownTokens(isUnreachable: true)
            )
            let answer = try await away.ask(.POST, "/1.0/applications/x", headers: [("X-Auth-Token", "known")])
            #expect(answer.short == "503 authentication-server-unreachable")
            #expect(try await away.ask(.GET, "/status").status == 200, "probes need no token")
            await away.kill()
        }
    }

    @Test("an application belongs to the tenant of whoever registered it, and so do its events")
    func tenant() async throws {
        try await Stage.run { stage in
            let instance = try await RunningApplicationd(
                "one",
                gateway: stage.gateway,
                bus: stage.bus,
                tokens: KnownTokens()
            )
            let answer = try await instance.ask(.POST, "/1.0/applications/test", headers: [("X-Auth-Token", "known")])
            #expect(answer.status == 200)
            try await eventually("its events are followed") { !stage.gateway.carried.isEmpty }
            stage.gateway.call("a", Fixtures.application)
            try await eventually("a call is announced") { stage.heard.names.count == 2 }
            for event in stage.heard.all {
                #expect(event.headers["tenant_uuid"] == .text("11111111-2222-3333-4444-555555555555"))
            }
            await instance.kill()
        }
    }
}
