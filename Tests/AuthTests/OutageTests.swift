import Testing

@testable import Auth

@Suite("A PostgreSQL that goes away", .timeLimit(.minutes(5)))
struct OutageTests {
    @Test("requests are answered 503 in time, and all is there when it is back")
    func away() async throws {
        // One of its own: the other suites need theirs.
        try await LivePostgreSQL.run { server in
            try await LiveAuth.run(await server.makeDatabase()) { auth in
                let token = try await auth.admin()
                let clock = ContinuousClock()
                let begun = clock.now
                var statuses: Set<Int> = []
                while clock.now - begun < .seconds(3) || !statuses.contains(503) {
                    server.strike()
                    let asked = clock.now
                    statuses.insert(try await auth.ask("GET", "/users", token: token).status)
                    #expect(clock.now - asked < .seconds(5))
                }
                #expect(statuses.isSubset(of: [200, 503]))
                while try await auth.ask("GET", "/users", token: token).status != 200 {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(try await auth.login().status == 200)
            }
        }
    }
}
