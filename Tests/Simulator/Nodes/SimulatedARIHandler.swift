import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Registry

/// One connection to a simulated Asterisk's HTTP server, which is kept alive and may carry several requests at once.
final class SimulatedARIHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let authorization =
        "Basic "
        + Data("\(SimulatedNode.credentials.user):\(SimulatedNode.credentials.password)".utf8).base64EncodedString()

    private let asterisk: SimulatedAsterisk
    private var head: HTTPRequestHead?

    init(_ asterisk: SimulatedAsterisk) { self.asterisk = asterisk }

    /// Listens for an Asterisk.
    static func listen(for asterisk: SimulatedAsterisk, group: any EventLoopGroup) async throws -> any Channel {
        let address = asterisk.node.ari
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                        try pipeline.addHandler(SimulatedARIHandler(asterisk))
                    }
                }
                .bind(host: address.host, port: address.port).get()
        } catch {
            throw SimulatorError("\(asterisk.node.name) cannot listen on \(address) (\(error)); choose another --port")
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let answer: SimulatedAnswer =
            if request.headers.first(name: "Authorization") != Self.authorization {
                .error(.unauthorized, "Authentication required")
            } else if request.uri.hasPrefix("/ari/") {
                asterisk.answer(request.method, request.uri.dropFirst("/ari/".count))
            } else {
                .error(.notFound, "Resource not found")
            }
        var head = HTTPResponseHead(version: .http1_1, status: answer.status)
        head.headers.add(name: "Server", value: "Asterisk/22.10.0")
        head.headers.add(name: "Cache-Control", value: "no-cache, no-store")
        if answer.status != .noContent {
            head.headers.add(name: "Content-type", value: "application/json")
            head.headers.add(name: "Content-Length", value: String(answer.body.readableBytes))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        guard !request.isKeepAlive else { return }
        context.flush()
        context.close(promise: nil)
    }
}
