import NIOPosix
import Synchronization

/// A PostgreSQL that several instances share. Its connections are opened as they are needed, and again after they break.
package final class PostgreSQLStore: SQLStore {
    /// Connections, and threads that wait for them.
    private static let connections = 8
    /// Bodies under way or waiting; beyond that they are refused.
    private static let maximumPending = 512
    /// How often a body is run whose transaction others were in the way of.
    private static let attempts = 8
    /// Any number of ours: who holds it is alone.
    private static let lock: Int64 = 0x6173_7465_7269_736d

    private let url: String
    private let threads = NIOThreadPool(numberOfThreads: PostgreSQLStore.connections)
    private let state = Mutex(State())

    private struct State {
        var idle: [PostgreSQLConnection] = []
        var pending = 0
        var isClosed = false
    }

    /// - Parameter url: as libpq takes it, such as `postgresql://auth:secret@db.example/auth`.
    package init(url: String) {
        self.url = url
        threads.start()
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        try await perform { try body($0) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        try await perform { try Self.transaction($0, body) }
    }

    package func writeAlone<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        try await perform { connection in
            try connection.run("SELECT pg_advisory_lock(?)", .integer(Self.lock))
            defer { _ = try? connection.run("SELECT pg_advisory_unlock(?)", .integer(Self.lock)) }
            return try Self.transaction(connection, body)
        }
    }

    package func close() async {
        state.withLock { state in
            state.isClosed = true
            state.idle.removeAll()
        }
        try? await threads.shutdownGracefully()
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let problem: StoreError? = state.withLock { state in
            if state.isClosed { return .unavailable("it is closed") }
            if state.pending >= Self.maximumPending { return .unavailable("too many requests wait for it") }
            state.pending += 1
            return nil
        }
        if let problem { throw problem }
        defer { state.withLock { $0.pending -= 1 } }
        do {
            return try await threads.runIfActive { [self] in
                let connection = try state.withLock { $0.idle.popLast() } ?? PostgreSQLConnection(url: url)
                defer { giveBack(connection) }
                connection.begin()
                do {
                    return try body(connection)
                } catch {
                    // One that broke while it was idle says nothing of the server: once more, with a fresh one.
                    guard connection.wasBrokenFromTheStart else { throw error }
                    let fresh = try PostgreSQLConnection(url: url)
                    defer { giveBack(fresh) }
                    return try body(fresh)
                }
            }
        } catch {
            if error is CancellationError || error is NIOThreadPoolError.ThreadPoolInactive {
                throw .unavailable("the request was given up")
            }
            throw StoreError(wrapping: error)
        }
    }

    private func giveBack(_ connection: PostgreSQLConnection) {
        guard connection.isUsable else { return }
        state.withLock { state in
            if !state.isClosed { state.idle.append(connection) }
        }
    }

    private static func transaction<Value>(
        _ connection: PostgreSQLConnection,
        _ body: (any SQLConnection) throws -> Value
    ) throws -> Value {
        var attempt = 1
        while true {
            do {
                try connection.run("BEGIN ISOLATION LEVEL SERIALIZABLE")
                let value = try body(connection)
                try connection.run("COMMIT")
                return value
            } catch {
                _ = try? connection.run("ROLLBACK")
                guard connection.lostRace, attempt < attempts else { throw error }
                attempt += 1
            }
        }
    }
}
