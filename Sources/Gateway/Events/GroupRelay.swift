import ARI
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Registry

/// The socket of a worker whose group another gateway leads: one gateway gives out the calls of a group, the others pass on what is said.
struct GroupRelay: Sendable {
    private let leader: GatewayRecord
    private let connection: WebSocketConnection

    /// Opens the worker's socket at the gateway that leads its group, with the worker's own credentials.
    init(_ head: HTTPRequestHead, to leader: GatewayRecord, from gateway: String) async throws(WebSocketError) {
        var headers = HTTPHeaders()
        for name in ["Authorization", "X-Auth-Token", "X-Forwarded-For", "Sec-WebSocket-Protocol"] {
            for value in head.headers[name] { headers.add(name: name, value: value) }
        }
        headers.add(name: PassedRequest.forwardedHeader, value: gateway)
        self.leader = leader
        connection = try await WebSocketConnection.connect(
            host: leader.address.host,
            port: leader.address.port,
            target: head.uri,
            headers: headers,
            silence: .seconds(10)
        )
    }

    /// Gives the worker's place up, before anything was passed on.
    func close() async {
        _ = try? await connection.run { writer in
            try await writer.close(code: .normalClosure)
        } handle: { _, _ in
        }
    }

    /// Passes on what either side says, until one has gone; then the other goes too.
    /// - Parameter texts: what the worker says; it ends when the worker is gone.
    func run(_ texts: AsyncStream<ByteBuffer>, for worker: EventSocket) async {
        var said: Task<Void, Never>?
        let closure = try? await connection.run { writer in
            // Ends with the connection, which it writes to.
            said = Task {
                for await text in texts { try? await writer.send(text) }
                try? await writer.close(code: .normalClosure)
            }
        } handle: { message, _ in
            if case .text(let text) = message { worker.send(text) }
        }
        said?.cancel()
        // The worker comes back, and finds who leads its group then.
        let reason = closure?.reason ?? ""
        worker.close(
            closure?.code.map { .init(codeNumber: Int($0)) } ?? .goingAway,
            reason.isEmpty ? "gateway \(leader.name), which led the group, is gone; connect again" : reason
        )
    }
}
