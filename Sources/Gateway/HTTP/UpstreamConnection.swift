import NIOCore
import NIOHTTP1
import Registry

/// One keep-alive connection to a node: sends a request, and hands the parts of the answer to whoever sent it.
///
/// Confined to its event loop; `Sendable` only so that futures of that loop can carry it.
final class UpstreamConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What happens to a request.
    enum Progress {
        case part(HTTPClientResponsePart)
        case failed(UpstreamError)
    }

    let address: HostPort
    /// Whether no request has gone over it yet: a failure then is the node's and not an old connection's.
    var isFresh = true
    private var context: ChannelHandlerContext?
    private var receiver: ((Progress) -> Void)?
    private var timeout: Scheduled<Void>?

    init(address: HostPort) { self.address = address }

    var isActive: Bool { context?.channel.isActive ?? false }

    /// Sends a request; `receiver` gets the answer's parts up to `.end`, or one failure.
    func send(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer,
        timeout limit: TimeAmount,
        receiver: @escaping (Progress) -> Void
    ) {
        guard let context, isActive else { return receiver(.failed(.unreachable("the connection was closed"))) }
        self.receiver = receiver
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: limit) { bound.value.fail(.timedOut) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func close() { context?.close(promise: nil) }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard case .end = part else {
            receiver?(.part(part))
            return
        }
        let last = finish()
        last?(.part(part))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.unreachable("the node closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.unreachable("\(error)"))
        context.close(promise: nil)
    }

    private func fail(_ error: UpstreamError) { finish()?(.failed(error)) }

    private func finish() -> ((Progress) -> Void)? {
        timeout?.cancel()
        timeout = nil
        defer { receiver = nil }
        return receiver
    }
}
