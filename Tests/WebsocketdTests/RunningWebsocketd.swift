import ARI
import Access
import EventBus
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Registry
import Synchronization
import Telemetry
import Websocketd

/// An auth service that knows the tokens it is told of.
final class SimulatedAuth: TokenChecking {
    private let tokens: Mutex<[String: AccessToken]>

    init(_ tokens: [AccessToken] = [.sample()]) {
        self.tokens = Mutex(Dictionary(uniqueKeysWithValues: tokens.map { ($0.token, $0) }))
    }

    func revoke(_ id: String) { tokens.withLock { $0[id] = nil } }

    func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
        guard let token = tokens.withLock({ $0[id] }) else { throw .unknown }
        guard token.accessCheck.allows(scope) else { throw .forbidden }
        return token
    }
}

/// How a session ended, for the client.
struct Ending: Sendable, Hashable {
    var code: UInt16?
    var reason: String
}

/// A websocketd on a port of its own, with an embedded bus.
struct RunningWebsocketd: Sendable {
    let port: Int
    let bus: EmbeddedBus
    let auth: SimulatedAuth
    let metrics: PrometheusMetrics

    /// Runs one while `body` does.
    static func with(
        auth: SimulatedAuth = SimulatedAuth(),
        change: (inout WebsocketdSettings) -> Void = { _ in },
        _ body: @Sendable (RunningWebsocketd) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "websocketd-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        var settings = WebsocketdSettings(
            address: HostPort(host: "127.0.0.1", port: 0),
            certificate: CertificateFiles(in: folder)
        )
        change(&settings)
        let bus = EmbeddedBus()
        let metrics = PrometheusMetrics()
        let (ports, opened) = AsyncStream.makeStream(of: Int.self)
        let daemon = Websocketd(
            settings: settings,
            bus: bus,
            tokens: auth,
            health: Health(role: "websocketd", name: "test"),
            metrics: metrics,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onListening: { opened.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { opened.finish() }
                try await daemon.run()
            }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else {
                try await group.waitForAll()
                return
            }
            try await body(RunningWebsocketd(port: port, bus: bus, auth: auth, metrics: metrics))
            group.cancelAll()
        }
    }

    /// Opens a socket, sends some frames, and gives each text that comes to `handle` until the socket ends.
    func session(
        _ target: String,
        headers: HTTPHeaders = [:],
        send: [String] = [],
        handle: (String, WebSocketConnection.Writer) async throws -> Void = { _, _ in }
    ) async throws -> Ending {
        let connection = try await WebSocketConnection.connect(
            host: "127.0.0.1",
            port: port,
            target: target,
            headers: headers
        )
        let closure = try await connection.run { writer in
            for text in send { try await writer.send(ByteBuffer(string: text)) }
        } handle: { message, writer in
            if case .text(let text) = message { try await handle(String(buffer: text), writer) }
        }
        return Ending(code: closure.code, reason: closure.reason)
    }
}
