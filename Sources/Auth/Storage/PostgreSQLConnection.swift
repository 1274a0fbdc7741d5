import CPostgreSQL
import Foundation

/// One connection of libpq, whose calls block.
///
/// Unchecked: it is used by one thread at a time, the one that took it from its store's idle ones.
final class PostgreSQLConnection: SQLConnection, @unchecked Sendable {
    /// Seconds: to connect; milliseconds: for one statement, and for data that the server does not acknowledge.
    private static let options = [
        ("connect_timeout", "5"), ("tcp_user_timeout", "10000"), ("application_name", "asterism auth"),
        ("client_encoding", "UTF8"), ("options", "-c statement_timeout=10000 -c lock_timeout=8000"),
    ]
    /// Type numbers of pg_type.dat.
    private static let numbers: Set<Oid> = [20, 21, 23]

    private let connection: OpaquePointer
    private var hasWorked = false
    private var isBroken = false
    /// Whether the last error was another transaction's doing.
    private(set) var lostRace = false

    /// - Throws: ``StoreError/unavailable(_:)``.
    init(url: String) throws(StoreError) {
        let names = ["dbname"] + Self.options.map(\.0)
        let values = [url] + Self.options.map(\.1)
        let made = names.withCStrings { names in
            values.withCStrings { values in PQconnectdbParams(names, values, 1) }
        }
        guard let made else { throw .unavailable("there is no memory for a connection to PostgreSQL") }
        guard PQstatus(made) == CONNECTION_OK else {
            let detail = String(cString: PQerrorMessage(made)).trimmingCharacters(in: .whitespacesAndNewlines)
            PQfinish(made)
            throw .unavailable("PostgreSQL cannot be reached (\(detail)); look at ASTERISM_AUTH_DATABASE")
        }
        connection = made
        PQsetNoticeProcessor(made, { _, _ in }, nil)
    }

    deinit { PQfinish(connection) }

    /// Another body begins.
    func begin() { hasWorked = false }

    /// Whether another body may have it: it works, and no transaction is open.
    var isUsable: Bool { !isBroken && PQtransactionStatus(connection) == PQTRANS_IDLE }
    /// Whether it broke before it did anything for this body.
    var wasBrokenFromTheStart: Bool { isBroken && !hasWorked }

    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try values.check()
        let texts: [String?] = values.map { value in
            switch value {
            case .null: nil
            case .text(let text): text
            case .integer(let number): String(number)
            }
        }
        let result = texts.withCStrings { texts in
            PQexecParams(connection, Self.numbered(sql), Int32(values.count), nil, texts, nil, nil, 0)
        }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            // What failed with a transaction of an idle connection, fails with its first statement.
            if !sql.hasPrefix("BEGIN") { hasWorked = true }
            lostRace = false
            return Self.rows(result)
        default: throw problem(result)
        }
    }

    /// The statement with `$1`, `$2` for its `?`. No statement of ours has a `?` in a literal.
    static func numbered(_ sql: String) -> String {
        var text = ""
        var number = 0
        for character in sql {
            if character == "?" {
                number += 1
                text += "$\(number)"
            } else {
                text.append(character)
            }
        }
        return text
    }

    private static func rows(_ result: OpaquePointer?) -> [SQLRow] {
        let columns = PQnfields(result)
        let names = (0..<columns).map { String(cString: PQfname(result, $0)) }
        return (0..<PQntuples(result)).map { row in
            var values: [String: SQLValue] = [:]
            for column in 0..<columns where PQgetisnull(result, row, column) == 0 {
                let text = String(cString: PQgetvalue(result, row, column))
                let number = numbers.contains(PQftype(result, column)) ? Int64(text) : nil
                values[names[Int(column)]] = number.map(SQLValue.integer) ?? .text(text)
            }
            return SQLRow(values)
        }
    }

    private func problem(_ result: OpaquePointer?) -> StoreError {
        // PG_DIAG_SQLSTATE, a character in a macro.
        let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        let detail = String(cString: PQerrorMessage(connection)).trimmingCharacters(in: .whitespacesAndNewlines)
        lostRace = ["40001", "40P01"].contains(state)
        if PQstatus(connection) != CONNECTION_OK || state.hasPrefix("57P") || state.hasPrefix("08") { isBroken = true }
        switch state {
        case "23505": return .duplicate(detail)
        case "23503": return .missingReference(detail)
        case "22021", "22P05": return .unusableText
        case "": return .unavailable(detail)
        default:
            // Lost races that never end, cancelled statements, resources, shutdown: all pass.
            let passing = ["40", "55", "57", "53", "08", "25"].contains(state.prefix(2))
            return passing ? .unavailable(detail) : .broken(detail)
        }
    }
}

extension [String?] {
    /// C strings for the time of a call, with a null pointer at the end and in place of nil.
    fileprivate func withCStrings<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
        let copies = map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        let pointers = copies.map { $0.map { UnsafePointer($0) } } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

extension [String] {
    fileprivate func withCStrings<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
        map(Optional.some).withCStrings(body)
    }
}
