import NIOCore
import NIOHTTP1
import Telemetry

/// Answers what is no upgrade: `/status` for probes, and everything else with 426 (RFC 9110 section 15.5.22).
final class PlainRequests: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let health: Health
    init(health: Health) { self.health = health }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // At once: what is in a body does not matter, and it may have no end.
        if case .head(let head) = unwrapInboundIn(data) { answer(String(head.uri.prefix { $0 != "?" }), context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ path: String, _ context: ChannelHandlerContext) {
        let status = StatusAnswer(path: path, health: health, metrics: nil)
        let body = status?.body ?? #"{"message":"Upgrade Required: this port speaks WebSocket"}"#
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "Content-Length": "\(body.utf8.count)", "Connection": "close",
        ]
        if status == nil {
            headers.replaceOrAdd(name: "Connection", value: "close, upgrade")
            headers.add(name: "Upgrade", value: "websocket")
        }
        let code = HTTPResponseStatus(statusCode: status?.code ?? 426)
        let head = HTTPResponseHead(version: .http1_1, status: code, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }
}
