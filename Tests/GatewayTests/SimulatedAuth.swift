import Access
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import Synchronization

/// An auth service over HTTP that knows the tokens that a test gives it.
final class SimulatedAuth: Sendable {
    private struct State {
        var tokens: [String: AccessToken] = [:]
        var questions = 0
        var isFailing = false
    }

    private let state = Mutex(State())
    private let server = Mutex<(any NIOCore.Channel)?>(nil)

    /// How often it was asked.
    var questions: Int { state.withLock(\.questions) }

    func start() async throws -> AuthAddress {
        let server = try await FreePort.listen(
            ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(SimulatedAuthHandler(auth: self))
                }
            }
        )
        self.server.withLock { $0 = server }
        return try AuthAddress("http://127.0.0.1:\(server.localAddress?.port ?? 0)")
    }

    func stop() async { try? await server.withLock { $0 }?.close().get() }

    /// Makes a token.
    func grant(_ acl: [String], for seconds: TimeInterval = 3600) -> String {
        let id = UUID().uuidString.lowercased()
        let token = AccessToken(token: id, issued: Date(), expiry: Date() + seconds, acl: acl)
        state.withLock { $0.tokens[id] = token }
        return id
    }

    func revoke(_ id: String) { state.withLock { $0.tokens[id] = nil } }
    func fail(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

    fileprivate func answer(_ id: String) -> (HTTPResponseStatus, Data) {
        state.withLock { state in
            state.questions += 1
            if state.isFailing { return (.internalServerError, Data()) }
            guard let token = state.tokens[id], !token.isExpired(at: Date()) else {
                return (.notFound, Data("{}".utf8))
            }
            return (.ok, (try? JSONEncoder().encode(["data": token])) ?? Data())
        }
    }
}

private final class SimulatedAuthHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let auth: SimulatedAuth
    private var uri = ""

    init(auth: SimulatedAuth) { self.auth = auth }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): uri = head.uri
        case .body: break
        case .end:
            let id = uri.prefix { $0 != "?" }.split(separator: "/").last.map(String.init) ?? ""
            let (status, body) = auth.answer(id)
            let headers: HTTPHeaders = ["Content-Length": "\(body.count)"]
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil
            )
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(data: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
