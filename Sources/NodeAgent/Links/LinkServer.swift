import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Registry
import Synchronization

/// Where Asterisk dials for events: a WebSocket server on a loopback port, for this one Asterisk only.
package final class LinkServer: Sendable {
    /// The largest event taken.
    static let maxMessageSize = 1 << 22

    /// The links as they come and go.
    package let changes: AsyncStream<LinkChange>
    private let changed: AsyncStream<LinkChange>.Continuation
    private let authorization: String
    private let onText: @Sendable (ByteBuffer) -> Void
    private let silenceLimit: TimeAmount
    private let state = Mutex(State())

    private struct State {
        var listener: (any Channel)?
        var connections: [Int: any Channel] = [:]
        var next = 0
    }

    /// - Parameter onText: gets each message, in the order of its link.
    package init(
        credentials: Credentials,
        silenceLimit: TimeAmount = .seconds(4),
        onText: @escaping @Sendable (ByteBuffer) -> Void
    ) {
        authorization = "Basic " + Data("\(credentials.user):\(credentials.password)".utf8).base64EncodedString()
        self.silenceLimit = silenceLimit
        self.onText = onText
        (changes, changed) = AsyncStream.makeStream(of: LinkChange.self)
    }

    /// Starts to listen.
    /// - Parameter port: 0 takes a free one.
    /// - Returns: the port.
    package func start(
        port: Int = 0,
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) async throws -> Int {
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.configure(channel) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { $0.listener = listener }
        return listener.localAddress?.port ?? 0
    }

    /// Ends the links there are; Asterisk, or its next run, dials again.
    func closeLinks() {
        for channel in state.withLock({ Array($0.connections.values) }) { channel.close(promise: nil) }
    }

    /// Stops listening and ends the links.
    package func shutDown() async {
        closeLinks()
        changed.finish()
        try? await state.withLock { $0.listener }?.close().get()
    }

    private func configure(_ channel: any Channel) throws {
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: Self.maxMessageSize,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(self.accepts(head) ? ["Sec-WebSocket-Protocol": "ari"] : nil)
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    guard let link = Self.link(head.uri) else { throw ChannelError.operationUnsupported }
                    try self.open(link, on: channel)
                }
            }
        )
        let refusal = UpgradeRefusal()
        let remover = NIOLoopBound(refusal, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(remover.value, promise: nil)
                }
            )
        )
        try channel.pipeline.syncOperations.addHandler(refusal)
    }

    private func accepts(_ head: HTTPRequestHead) -> Bool {
        Self.link(head.uri) != nil && head.headers["Authorization"] == [authorization]
            && head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains("ari")
    }

    private static func link(_ uri: String) -> AsteriskLink? {
        AsteriskLink(rawValue: String(uri.prefix { $0 != "?" }.dropFirst()))
    }

    private func open(_ link: AsteriskLink, on channel: any Channel) throws {
        let number = state.withLock { state in
            state.next += 1
            state.connections[state.next] = channel
            return state.next
        }
        try channel.pipeline.syncOperations.addHandlers([
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 1,
                maxAccumulatedFrameCount: 4096,
                maxAccumulatedFrameSize: Self.maxMessageSize
            ),
            LinkHandler(
                pingInterval: .seconds(1),
                silenceLimit: silenceLimit,
                onText: onText,
                onChange: { isUp in self.note(LinkChange(link: link, connection: number, isUp: isUp)) }
            ),
        ])
    }

    private func note(_ change: LinkChange) {
        if !change.isUp { state.withLock { _ = $0.connections.removeValue(forKey: change.connection) } }
        changed.yield(change)
    }
}

/// Answers what is not the expected upgrade with 401, and hangs up.
private final class UpgradeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let headers: HTTPHeaders = ["Content-Length": "0", "Connection": "close"]
        let head = HTTPResponseHead(version: .http1_1, status: .unauthorized, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
