import Foundation
import Testing

@testable import Auth

extension LiveAuthTests {
    @Suite("A store")
    struct StoreTests {
        private struct Refusal: Error {}

        private static func tenant(_ uuid: String, below parent: String, _ sql: any SQLConnection) throws {
            try Tenant(uuid: uuid, parent: parent, name: uuid, slug: uuid).insert(sql)
        }

        @Test(
            "takes its migrations once, also when several instances start at the same time",
            arguments: StoreKind.allCases
        )
        func migrations(_ kind: StoreKind) async throws {
            try await kind.withDatabase { database in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            let store = try await database.open()
                            let steps = try await store.read {
                                try $0.count("SELECT count(*) AS n FROM migrations", [])
                            }
                            await store.close()
                            return steps
                        }
                    }
                    for try await steps in group { #expect(steps == Migrations.steps.count) }
                }
            }
        }

        @Test(
            "gives back what it was given: text of any alphabet, quotes, wildcards, numbers and none",
            arguments: StoreKind.allCases
        )
        func values(_ kind: StoreKind) async throws {
            try await kind.withStore { store in
                let texts = ["", "Žluťoučký 🐎", "it's \"quoted\" ? $1 \\ %_", String(repeating: "x", count: 100_000)]
                for text in texts {
                    let read = try await store.write { sql in
                        try sql.run("INSERT INTO installation (name, value) VALUES (?, ?)", "text", .text(text))
                        let read = try sql.run(
                            "SELECT value, NULL AS absent, 7 AS n FROM installation WHERE name = ?",
                            "text"
                        )
                        try sql.run("DELETE FROM installation WHERE name = ?", "text")
                        return read
                    }
                    #expect(read.first?.text("value") == text)
                    #expect(read.first?.text("absent") == nil)
                    #expect(try read.first?.integer("n") == 7)
                }
            }
        }

        @Test("keeps nothing of a write whose body throws", arguments: StoreKind.allCases)
        func refusal(_ kind: StoreKind) async throws {
            try await kind.withStore { store in
                do {
                    try await store.write { sql in
                        try sql.run("INSERT INTO installation (name, value) VALUES (?, ?)", "a", "b")
                        throw Refusal()
                    }
                    Issue.record("the write went through")
                } catch StoreError.refused(let error) {
                    #expect(error is Refusal)
                }
                let left = try await store.read { try $0.count("SELECT count(*) AS n FROM installation", []) }
                #expect(left == 0)
            }
        }

        @Test("tells duplicates, missing references, zero bytes and nonsense apart", arguments: StoreKind.allCases)
        func problems(_ kind: StoreKind) async throws {
            try await kind.withStore { store in
                func problem(_ sql: String, _ values: SQLValue...) async -> String {
                    do throws(StoreError) {
                        try await store.write { connection in _ = try connection.run(sql, values) }
                        return "none"
                    } catch {
                        switch error {
                        case .duplicate: return "duplicate"
                        case .missingReference: return "missing reference"
                        case .unusableText: return "unusable text"
                        case .broken: return "broken"
                        default: return "\(error)"
                        }
                    }
                }
                let insert = "INSERT INTO installation (name, value) VALUES (?, ?)"
                #expect(await problem(insert, "a", "b") == "none")
                #expect(await problem(insert, "a", "c") == "duplicate")
                #expect(await problem(insert, "zero\0byte", "c") == "unusable text")
                #expect(
                    await problem("INSERT INTO group_users (group_uuid, user_uuid) VALUES (?, ?)", "x", "y")
                        == "missing reference"
                )
                #expect(await problem("SELECT nothing FROM nowhere") == "broken")
                #expect(await problem("SELECT 1 AS n") == "none")
            }
        }

        @Test("opens connections again that PostgreSQL has ended")
        func endedConnections() async throws {
            try await StoreKind.postgreSQL.withStore { store in
                for isWrite in [false, true] {
                    try await store.write { _ = try $0.run("SELECT 1 AS n") }
                    // The one that asks goes as well, in the middle of it.
                    let ended =
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    await #expect(throws: StoreError.self) { try await store.read { _ = try $0.run(ended) } }
                    let one: @Sendable (any SQLConnection) throws -> Int = { try $0.count("SELECT 1 AS n", []) }
                    let answer = isWrite ? try await store.write(one) : try await store.read(one)
                    #expect(answer == 1)
                }
            }
        }

        @Test("counts right when many write at once", arguments: StoreKind.allCases)
        func races(_ kind: StoreKind) async throws {
            try await kind.withStore { store in
                try await store.write { _ = try $0.run("INSERT INTO installation (name, value) VALUES ('count', '0')") }
                let done = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            do throws(StoreError) {
                                try await store.write { sql in
                                    let row = try sql.run("SELECT value FROM installation WHERE name = 'count'").first
                                    let next = (row?.text("value").flatMap(Int.init) ?? 0) + 1
                                    try sql.run(
                                        "UPDATE installation SET value = ? WHERE name = 'count'",
                                        .text(String(next))
                                    )
                                }
                                return 1
                            } catch {
                                // Lost every race: it says so, and has done nothing.
                                guard case .unavailable = error else { throw error }
                                return 0
                            }
                        }
                    }
                    return try await group.reduce(0, +)
                }
                let value = try await store.read { try $0.run("SELECT value FROM installation").first?.text("value") }
                #expect(value == String(done))
                #expect(done > 0)
            }
        }

        @Test("knows the tenants below one", arguments: StoreKind.allCases)
        func tenants(_ kind: StoreKind) async throws {
            try await kind.withStore { store in
                try await store.write { sql in
                    try Self.tenant("top", below: "top", sql)
                    try Self.tenant("a", below: "top", sql)
                    try Self.tenant("b", below: "a", sql)
                    try Self.tenant("c", below: "top", sql)
                }
                let cases: [(String, String, Bool)] = [
                    ("top", "top", true), ("top", "b", true), ("a", "b", true), ("a", "a", true), ("a", "c", false),
                    ("b", "a", false), ("a", "top", false), ("a", "nothing", false),
                ]
                for (above, below, isBelow) in cases {
                    #expect(
                        try await store.read { try TenantScope(tenant: above).contains(below, $0) } == isBelow,
                        "\(above) \(below)"
                    )
                }
                let alone = TenantScope(tenant: "top", recurse: false)
                #expect(try await !store.read { try alone.contains("a", $0) })
            }
        }

        @Test("searches, sorts and pages", arguments: StoreKind.allCases)
        func lists(_ kind: StoreKind) async throws {
            try await kind.withStore { store in
                try await store.write { sql in
                    try Self.tenant("top", below: "top", sql)
                    for name in ["Alpha", "beta", "100%", "a_b", "axb"] {
                        try Group(uuid: "id-\(name)", tenant: "top", name: name, slug: name).insert(sql)
                    }
                }
                func names(_ change: (inout ListRequest) -> Void) async throws -> (
                    names: [String], total: Int, filtered: Int
                ) {
                    var request = ListRequest()
                    request.order = "name"
                    change(&request)
                    let wanted = request
                    let page = try await store.read { sql in
                        try Group.table.page(
                            sql,
                            wanted,
                            SQLCondition("tenant_uuid = ? AND system_managed = 0", ["top"])
                        )
                    }
                    return (page.items.compactMap { $0.text("name") }, page.total, page.filtered)
                }
                #expect(try await names { _ in }.names == ["100%", "Alpha", "a_b", "axb", "beta"])
                #expect(try await names { $0.isDescending = true }.names.first == "beta")
                let page = try await names {
                    $0.limit = 2
                    $0.offset = 1
                }
                #expect(page == (["Alpha", "a_b"], 5, 5))
                #expect(try await names { $0.limit = 0 } == ([], 5, 5))
                #expect(try await names { $0.search = "ALPH" } == (["Alpha"], 5, 1))
                #expect(try await names { $0.search = "%" } == (["100%"], 5, 1))
                #expect(try await names { $0.search = "a_b" } == (["a_b"], 5, 1))
                #expect(try await names { $0.filters = ["name": "beta"] } == (["beta"], 5, 1))
            }
        }
    }
}

extension StoreKind {
    /// A store with its tables, and nothing in them.
    func withStore(_ body: (any SQLStore) async throws -> Void) async throws {
        try await withDatabase { database in
            let store = try await database.open()
            do {
                try await body(store)
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }
}

/// Everything that needs a PostgreSQL, which is started once.
@Suite(.livePostgreSQL, .timeLimit(.minutes(10))) struct LiveAuthTests {}
