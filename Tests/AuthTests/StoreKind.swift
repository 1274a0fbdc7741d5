import Foundation
import Testing

@testable import Auth

/// The two stores that every test of storage and service runs on.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgreSQL = "PostgreSQL"

    var testDescription: String { rawValue }

    /// A PostgreSQL for the time of a suite.
    @TaskLocal static var server: LivePostgreSQL?

    /// Gives an empty database for as long as `body` runs.
    func withDatabase(_ body: (AuthDatabase) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-auth-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            try await body(.file(folder.appending(path: "auth.sqlite").path))
        case .postgreSQL:
            let server = try #require(Self.server)
            try await body(await server.makeDatabase())
        }
    }
}

/// A PostgreSQL for the time of a suite.
struct LivePostgreSQLTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await LivePostgreSQL.run { server in
            try await StoreKind.$server.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == LivePostgreSQLTrait {
    static var livePostgreSQL: Self { Self() }
}
