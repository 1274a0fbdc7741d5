import ARI
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// An ARI endpoint that does what a test says: for orders of events that a real Asterisk shows once in a thousand calls.
///
/// A request is known by its line without the query, `POST /channels/a/answer`. It is answered 204, or 200 `[]` when it asks
/// for a list, unless the test decides otherwise.
final class SimulatedARI: Sendable {
    typealias Answer = (status: Int, body: JSONValue)

    private struct State {
        var requests: [String] = []
        var sockets: [any NIOCore.Channel] = []
    }

    let port: Int
    private let server: any NIOCore.Channel
    private let world: World

    /// What the handlers of all connections share.
    fileprivate final class World: Sendable {
        private let state = Mutex(State())
        private let decide: @Sendable (String) -> Answer?

        init(decide: @escaping @Sendable (String) -> Answer?) { self.decide = decide }

        var requests: [String] { state.withLock { $0.requests } }
        var sockets: [any NIOCore.Channel] { state.withLock { $0.sockets.filter(\.isActive) } }

        func add(_ socket: any NIOCore.Channel) { state.withLock { $0.sockets.append(socket) } }

        func answer(_ request: String) -> Answer {
            // Decided first: whoever sees the request may have other requests answered otherwise.
            let answer = decide(request)
            state.withLock { $0.requests.append(request) }
            return answer ?? (["GET /channels", "GET /bridges"].contains(request) ? (200, []) : (204, .null))
        }
    }

    init(_ decide: @escaping @Sendable (String) -> Answer? = { _ in nil }) async throws {
        let world = World(decide: decide)
        self.world = world
        server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = RequestHandler(world)
                    let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                        upgradePipelineHandler: { channel, _ in
                            world.add(channel)
                            return channel.eventLoop.makeSucceededVoidFuture()
                        }
                    )
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: {
                                $0.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                            }
                        )
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        port = server.localAddress?.port ?? 0
    }

    /// Up to `/ari`.
    var url: String { "http://127.0.0.1:\(port)/ari" }
    /// Without the look for empty rooms that every connection begins with.
    var requests: [String] { world.requests.filter { $0 != "GET /bridges" } }

    /// Sends an event to the application.
    func send(_ type: String, _ members: [String: JSONValue] = [:]) async throws {
        let text = ByteBuffer(bytes: try JSONEncoder().encode(EventFixtures.json(type, members)))
        for socket in world.sockets {
            try await socket.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: text)).get()
        }
    }

    func send(_ type: String, channel id: String) async throws {
        try await send(type, ["channel": EventFixtures.channel(id)])
    }

    /// Cuts the WebSocket off; the client will come back.
    func breakLink() async throws {
        // The client may be closing it at this very moment.
        for socket in world.sockets { try? await socket.close().get() }
    }

    func stop() async throws {
        try await breakLink()
        try await server.close()
    }
}

private final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let world: SimulatedARI.World
    private var request = ""

    init(_ world: SimulatedARI.World) { self.world = world }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let path = head.uri.prefix { $0 != "?" }.dropFirst("/ari".count)
            request = "\(head.method) \(path)"
        case .body: break
        case .end:
            let answer = world.answer(request)
            let body = answer.status == 204 ? Data() : (try? JSONEncoder().encode(answer.body)) ?? Data()
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
            if answer.status != 204 { head.headers.add(name: "Content-Length", value: "\(body.count)") }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
