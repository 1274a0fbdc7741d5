import Foundation
import GRDB

/// One file, in write-ahead mode: readers never wait for the writer.
package struct SQLiteStore: SQLStore {
    private let pool: DatabasePool

    /// Opens or makes the file, which only its owner may read: it holds password hashes.
    /// - Throws: ``StoreError/unavailable(_:)``.
    package init(path: String) throws(StoreError) {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        do {
            let folder = URL(filePath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: path) {
                _ = FileManager.default.createFile(
                    atPath: path,
                    contents: nil,
                    attributes: [.posixPermissions: 0o600]
                )
            }
            pool = try DatabasePool(path: path, configuration: configuration)
        } catch {
            throw .unavailable("\(path) cannot be opened (\(error)); choose another with --database")
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.read { try body(SQLiteConnection(database: $0)) }
        } catch { throw Self.problem(error) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.write { try body(SQLiteConnection(database: $0)) }
        } catch { throw Self.problem(error) }
    }

    package func writeAlone<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        // Transactions of GRDB's writer are immediate: another process waits.
        try await write(body)
    }

    package func close() async { try? pool.close() }

    fileprivate static func problem(_ error: any Error) -> StoreError {
        guard let error = error as? DatabaseError else {
            return error is CancellationError ? .unavailable("the request was given up") : StoreError(wrapping: error)
        }
        let detail = error.message ?? "\(error.resultCode)"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: return .duplicate(detail)
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return .missingReference(detail)
        default: break
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_CANTOPEN,
            .SQLITE_INTERRUPT, .SQLITE_MISUSE, .SQLITE_ABORT:
            return .unavailable(detail)
        default: return .broken(detail)
        }
    }
}

private struct SQLiteConnection: SQLConnection {
    let database: Database

    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try values.check()
        do {
            let statement = try database.cachedStatement(sql: sql)
            let arguments = StatementArguments(values.map(\.databaseValue))
            return try Row.fetchAll(statement, arguments: arguments).map { row in
                SQLRow(Dictionary(row.map { ($0.0, SQLValue($0.1)) }) { first, _ in first })
            }
        } catch { throw SQLiteStore.problem(error) }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .text(let text): text.databaseValue
        case .integer(let number): number.databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .int64(let number): self = .integer(number)
        case .string(let text): self = .text(text)
        case .double(let number): self = .integer(Int64(number))
        case .null, .blob: self = .null
        }
    }
}
