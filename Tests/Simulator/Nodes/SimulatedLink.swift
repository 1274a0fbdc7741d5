import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Registry

/// One of the two WebSockets that a simulated Asterisk dials to its agent.
struct SimulatedLink: Sendable {
    /// How much may wait in a link before ``isWritable`` is false.
    private static let waterMark = 1 << 20

    private let channel: any Channel
    private let mask = WebSocketMaskingKey.random()

    /// Dials the agent.
    /// - Parameter path: `observer` or `applications`.
    static func dial(_ node: SimulatedNode, path: String, group: any EventLoopGroup) async throws -> SimulatedLink {
        let secret = Data("\(SimulatedNode.credentials.user):\(SimulatedNode.credentials.password)".utf8)
        let upgraded: EventLoopFuture<(any Channel)?> = try await ClientBootstrap(group: group)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: waterMark / 2, high: waterMark))
            .connect(host: "127.0.0.1", port: node.linkPort) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try upgrade(
                        channel,
                        HTTPRequestHead(
                            version: .http1_1,
                            method: .GET,
                            uri: "/\(path)",
                            headers: [
                                "Host": "127.0.0.1:\(node.linkPort)",
                                "Authorization": "Basic " + secret.base64EncodedString(),
                                "Sec-WebSocket-Protocol": "ari",
                            ]
                        )
                    )
                }
            }
        guard let channel = try await upgraded.get() else {
            throw SimulatorError("the agent of \(node.name) refused the link at 127.0.0.1:\(node.linkPort)/\(path)")
        }
        return SimulatedLink(channel: channel)
    }

    private static func upgrade(
        _ channel: any Channel,
        _ head: HTTPRequestHead
    ) throws -> EventLoopFuture<(any Channel)?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<(any Channel)?>(
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LinkAnswers())
                    return channel
                }
            }
        )
        let configuration = NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: head,
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.close(promise: nil)
                return channel.eventLoop.makeSucceededFuture(nil)
            }
        )
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }

    /// Whether the agent reads as fast as it is told.
    var isWritable: Bool { channel.isWritable }

    /// Puts one message behind the others.
    func write(_ text: ByteBuffer) {
        channel.write(WebSocketFrame(fin: true, opcode: .text, maskKey: mask, data: text), promise: nil)
    }

    /// Sends what was written.
    func flush() { channel.flush() }

    /// Waits until the agent is gone.
    func closed() async { try? await channel.closeFuture.get() }

    func close() { channel.close(promise: nil) }
}

/// Answers the agent's pings.
private final class LinkAnswers: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
