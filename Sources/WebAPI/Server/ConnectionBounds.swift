import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Keeps one client from holding a connection for long or sending without end, and answers what is no HTTP.
///
/// A head that does not arrive is the idle timeout's matter. Confined to its event loop.
final class ConnectionBounds: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What a client may send beyond the largest body before it is cut off: most read their answer, a 413, by then.
    private static let grace = 1 << 20

    private let maximumBody: Int
    private let timeout: TimeAmount
    private var received = 0
    private var answersPending = 0
    private var arrival: Scheduled<Void>?
    private var departure: Scheduled<Void>?

    init(_ settings: WebSettings) {
        maximumBody = settings.maximumBody + Self.grace
        timeout = settings.transferTimeout
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            received = 0
            answersPending += 1
            arrival?.cancel()
            arrival = closing(context)
        case .body(let part):
            received += part.readableBytes
            guard received <= maximumBody else { return context.close(promise: nil) }
        case .end:
            arrival?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            departure?.cancel()
            departure = closing(context)
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            answersPending -= 1
            let pending = departure
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.whenComplete { _ in pending?.cancel() }
            context.write(data, promise: written)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        arrival?.cancel()
        departure?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard answersPending == 0, context.channel.isActive else { return context.close(promise: nil) }
        let isTooMuch = (error as? HTTPParserError) == .headerOverflow
        let message = isTooMuch ? "The request's headers are too large" : "The request is not HTTP/1.1"
        let body = ByteBuffer(string: "{\"message\":\"\(message)\"}")
        var head = HTTPResponse(status: isTooMuch ? .requestHeaderFieldsTooLarge : .badRequest)
        head.headerFields = [
            .contentType: "application/json", .contentLength: String(body.readableBytes), .connection: "close",
        ]
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func closing(_ context: ChannelHandlerContext) -> Scheduled<Void> {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: timeout) { bound.value.close(promise: nil) }
    }
}
