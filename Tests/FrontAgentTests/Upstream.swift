import NIOCore
import NIOHTTP1
import NIOPosix
import Registry
import Synchronization

/// A server behind the front that counts what it gets and answers with its name.
final class Upstream: Sendable {
    let name: String
    let address: HostPort
    private let server: any Channel
    private let record: Record

    /// What the connections share.
    fileprivate final class Record: Sendable {
        let requests = Mutex<[HTTPRequestHead]>([])
        let connections = Mutex<[any Channel]>([])
        let drops = Mutex(false)
    }

    static func start(_ name: String) async throws -> Upstream {
        let record = Record()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                record.connections.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(Answerer(name: name, record: record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return Upstream(name, server, record)
    }

    private init(_ name: String, _ server: any Channel, _ record: Record) {
        self.name = name
        self.server = server
        self.record = record
        address = HostPort(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
    }

    /// From now on it reads requests and closes the connection, as a gateway that is killed while it works.
    func drop() { record.drops.withLock { $0 = true } }

    /// Requests that came, without probes.
    var requests: [HTTPRequestHead] { record.requests.withLock { $0 } }
    func count(_ method: HTTPMethod) -> Int { requests.count { $0.method == method } }

    /// As a killed process: the port and every connection are gone.
    func stop() async {
        try? await server.close()
        for connection in record.connections.withLock({ $0 }) { try? await connection.close() }
    }
}

private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let name: String
    private let record: Upstream.Record
    private var head: HTTPRequestHead?

    init(name: String, record: Upstream.Record) {
        self.name = name
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            if !head.uri.hasPrefix("/status") { record.requests.withLock { $0.append(head) } }
        case .body: break
        case .end:
            if head?.headers.contains(name: "Upgrade") == true {
                let headers: HTTPHeaders = ["Upgrade": "websocket", "Connection": "upgrade"]
                return answer(.switchingProtocols, headers, nil, context: context)
            }
            if record.drops.withLock({ $0 }), head?.uri.hasPrefix("/status") == false {
                return context.close(promise: nil)
            }
            answer(.ok, ["Content-Length": "\(name.utf8.count)"], name, context: context)
        }
    }

    private func answer(
        _ status: HTTPResponseStatus,
        _ headers: HTTPHeaders,
        _ text: String?,
        context: ChannelHandlerContext
    ) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let text { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
