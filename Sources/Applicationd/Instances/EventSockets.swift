import ARI
import Logging

/// The leader's event sockets at the gateway, which together carry every application.
///
/// A gateway gives an application to the newest socket that asks for it, so an application is never asked for twice: those that are
/// registered later get a socket of their own beside the ones that are open.
actor EventSockets {
    /// Applications on one socket: their names are in the request line.
    private static let limit = 50

    private struct Socket {
        var applications: Set<String>
        /// Owned here: cancelled when one of its applications goes, and by ``close()``.
        var task: Task<Void, Never>
    }

    private let client: ARIClient
    private let logger: Logger
    private let handle: @Sendable (EventFeed, [String]) async -> Void
    private var sockets: [Socket] = []

    /// - Parameter handle: told of what a socket reports, in order, and which applications it carries.
    init(
        client: ARIClient,
        logger: Logger,
        handle: @escaping @Sendable (EventFeed, [String]) async -> Void
    ) {
        self.client = client
        self.logger = logger
        self.handle = handle
    }

    /// Opens sockets for applications that have none, and closes those of applications that are gone.
    func carry(_ wanted: Set<String>) async {
        for index in sockets.indices.reversed() where !sockets[index].applications.isSubset(of: wanted) {
            let socket = sockets.remove(at: index)
            socket.task.cancel()
            await socket.task.value
        }
        let carried = sockets.reduce(into: Set<String>()) { $0.formUnion($1.applications) }
        let new = wanted.subtracting(carried).sorted()
        for start in stride(from: 0, to: new.count, by: Self.limit) {
            open(Array(new[start..<min(start + Self.limit, new.count)]))
        }
    }

    /// Closes every socket, and waits until what they brought has been taken in.
    func close() async {
        let open = sockets
        sockets = []
        for socket in open { socket.task.cancel() }
        for socket in open { await socket.task.value }
    }

    private func open(_ applications: [String]) {
        let task = Task { [client, handle, logger] in
            do {
                try await client.followEvents(of: applications) { feed in
                    if case .disconnected(let reason) = feed, !Task.isCancelled {
                        logger.warning("events are interrupted", metadata: ["reason": "\(reason)"])
                    }
                    await handle(feed, applications)
                }
            } catch {
                // Cancelled: nothing else ends it.
            }
        }
        sockets.append(Socket(applications: Set(applications), task: task))
    }
}
