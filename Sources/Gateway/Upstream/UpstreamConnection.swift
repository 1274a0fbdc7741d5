import NIOCore
import NIOHTTP1
import Registry

/// One keep-alive connection to a node, for one request at a time: hands the parts of the answer to whoever sent the request.
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
    private var receive: ((Progress) -> Void)?
    private var deadline = NIODeadline.distantFuture
    private var isWatched = false

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
        receive = receiver
        deadline = .now() + limit
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !isWatched { watch(context) }
    }

    func close() { context?.close(promise: nil) }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard case .end = part else {
            receive?(.part(part))
            return
        }
        isFresh = false
        // It may send the next one from within.
        let done = receive
        receive = nil
        done?(.part(part))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.unreachable("the node closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.unreachable("\(error)"))
        context.close(promise: nil)
    }

    /// Looks at the request when its time is up; one timer serves all that follow one another.
    private func watch(_ context: ChannelHandlerContext) {
        isWatched = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(deadline: deadline) { bound.value.look() }
    }

    private func look() {
        isWatched = false
        guard let context, receive != nil else { return }
        guard deadline <= .now() else { return watch(context) }
        fail(.timedOut)
        context.close(promise: nil)
    }

    private func fail(_ error: UpstreamError) {
        let failed = receive
        receive = nil
        failed?(.failed(error))
    }
}
