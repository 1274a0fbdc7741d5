import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// What an event feed reports.
public enum EventFeed: Sendable {
    /// The WebSocket is open: events flow from now. What happened before must be asked for.
    case connected
    case event(Event)
    /// The WebSocket is gone; the feed connects again by itself.
    case disconnected(String)
}

extension ARIClient {
    /// Receives the events of applications until the task is cancelled, connecting again with back-off whenever the link breaks.
    /// - Parameters:
    ///   - applications: all carried by one WebSocket.
    ///   - group: workers with whom the calls are shared, which a fleet's gateway offers; nil wants them alone.
    ///   - silence: a link that says nothing for so long is asked whether it is there, and given up after as long again.
    ///   - handle: called in order; an error thrown ends the feed.
    public func followEvents(
        of applications: [String],
        group: String? = nil,
        silence: TimeAmount = .seconds(5),
        handle: (EventFeed) async throws -> Void
    ) async throws {
        var delay = Duration.milliseconds(200)
        let decoder = JSONDecoder()
        while !Task.isCancelled {
            do {
                // The description of ARI does not know groups.
                let connection = try await openSocket(
                    ["events"],
                    query: [("app", applications.joined(separator: ",")), ("group", group)],
                    silence: silence
                )
                delay = .milliseconds(200)
                try await handle(.connected)
                let closure = try await Self.read(connection) { text in
                    // An event of a shape not known here must not end the feed.
                    guard let event = try? decoder.decode(Event.self, from: text) else { return }
                    try await handle(.event(event))
                }
                try await handle(.disconnected(closure))
            } catch let error as WebSocketError {
                try await handle(.disconnected("\(error)"))
            }
            try await Task.sleep(for: delay)
            delay = min(delay * 2, .seconds(5))
        }
    }

    /// Opens a WebSocket below the base URL, with the same credentials as requests.
    public func openSocket(
        _ path: [String],
        query: [(String, String?)] = [],
        silence: TimeAmount? = nil
    ) async throws(WebSocketError) -> WebSocketConnection {
        guard let url = URLComponents(string: baseURL), let host = url.host else {
            throw .unreachable("\(baseURL) is not a URL such as http://127.0.0.1:8088/ari")
        }
        return try await WebSocketConnection.connect(
            host: host,
            port: url.port ?? 80,
            target: url.path + Self.target(path, query: query),
            headers: ["Authorization": authorization],
            silence: silence
        )
    }

    private static func read(
        _ connection: WebSocketConnection,
        handle: (ByteBuffer) async throws -> Void
    ) async throws -> String {
        let closure: WebSocketConnection.Closure
        do {
            closure = try await connection.run { message, _ in
                if case .text(let text) = message { try await handle(text) }
            }
        } catch let error as ChannelError {
            return "\(error)"
        } catch let error as IOError {
            return "\(error)"
        }
        return closure.code.map { "closed with \($0) \(closure.reason)" } ?? closure.reason
    }
}
