import ARI
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Notes every request and answers 204.
final class RecordingServer: Sendable {
    /// Runs one for as long as `body` takes.
    static func running(_ body: (RecordingServer, ARIClient) async throws -> Void) async throws {
        let server = RecordingServer()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(RecordingHandler(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let port = listener.localAddress?.port ?? 0
        let client = ARIClient(baseURL: "http://127.0.0.1:\(port)/ari", user: "wazo", password: "s3cret")
        do { try await body(server, client) } catch {
            try await listener.close()
            throw error
        }
        try await listener.close()
    }

    private let noted = Mutex<[String]>([])

    /// Method, target and body of each request.
    var requests: [String] { noted.withLock { $0 } }

    fileprivate func note(_ request: String) { noted.withLock { $0.append(request) } }
}

private final class RecordingHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: RecordingServer
    private var request = ""

    init(_ server: RecordingServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = "\(head.method) \(head.uri)"
        case .body(let bytes): request += " \(String(buffer: bytes))"
        case .end:
            server.note(request)
            let head = HTTPResponseHead(version: .http1_1, status: .noContent)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
