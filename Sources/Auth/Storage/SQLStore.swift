/// Where the auth service keeps what it knows: a port with two drivers, SQLite in one file and PostgreSQL for several instances.
///
/// Both take the same statements: `?` for each value, TEXT and BIGINT columns. `AuthTests` runs one suite against both.
package protocol SQLStore: Sendable {
    /// Reads; what is read is at least as new as the last write that this process has finished.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value

    /// Does a number of things as one, as if nobody else did anything meanwhile, or none of them if `body` throws.
    /// - Parameter body: may be run again when others were in the way; it must change nothing but through its connection.
    /// - Throws: ``StoreError``; an error of `body` itself comes as ``StoreError/refused(_:)``.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value

    /// As ``write(_:)``, one process at a time: for migrations and the first start.
    func writeAlone<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value

    /// Ends what is open; later calls throw ``StoreError/unavailable(_:)``.
    func close() async
}

/// A connection, for the time of one body.
package protocol SQLConnection {
    /// Runs one statement.
    /// - Parameter values: for its `?`, in order.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [SQLRow]
}

extension SQLConnection {
    @discardableResult
    package func run(_ sql: String, _ values: SQLValue...) throws(StoreError) -> [SQLRow] { try run(sql, values) }

    /// The number in the first column called `n`.
    package func count(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Int {
        try run(sql, values).first?.integer("n") ?? 0
    }
}

/// Why the store did not do as it was told.
package enum StoreError: Error, Sendable, CustomStringConvertible {
    /// It cannot be reached, or is overloaded.
    case unavailable(String)
    /// Something of that name is there already; with what the store says of it.
    case duplicate(String)
    /// What is referred to is not there (any more).
    case missingReference(String)
    /// A text that cannot be stored: it has a zero byte.
    case unusableText
    /// The body that ran changed its mind.
    case refused(any Error)
    /// A statement is wrong, or the data are.
    case broken(String)

    package var description: String {
        switch self {
        case .unavailable(let detail): "the store of auth cannot be used: \(detail)"
        case .duplicate(let detail): "it exists already: \(detail)"
        case .missingReference(let detail): "what is referred to does not exist: \(detail)"
        case .unusableText: "a text has a zero byte"
        case .refused(let error): "\(error)"
        case .broken(let detail): "the store of auth is damaged: \(detail)"
        }
    }

    /// The error of a body, or one of the store.
    init(wrapping error: any Error) { self = (error as? StoreError) ?? .refused(error) }
}

extension [SQLValue] {
    /// - Throws: ``StoreError/unusableText`` for what PostgreSQL cannot hold: both drivers refuse the same.
    func check() throws(StoreError) {
        for case .text(let text) in self where text.utf8.contains(0) { throw .unusableText }
    }
}
