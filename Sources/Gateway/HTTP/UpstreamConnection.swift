import NIOCore
import NIOHTTP1
import Registry

/// One keep-alive connection to a node: sends requests, and hands the parts of each answer to whoever sent the request.
///
/// Several requests may be under way (HTTP/1.1 pipelining): Asterisk answers them in their order, and what is sent within one tick of
/// the event loop leaves with one write. Confined to its event loop; `Sendable` only so that futures of that loop can carry it.
final class UpstreamConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What happens to a request.
    enum Progress {
        case part(HTTPClientResponsePart)
        case failed(UpstreamError)
    }

    private struct Waiting {
        var receive: (Progress) -> Void
        var deadline: NIODeadline
    }

    let address: HostPort
    /// Whether no request has gone over it yet: a failure then is the node's and not an old connection's.
    var isFresh = true
    /// Whether requests share it, or did: whoever is done with it does not give it back.
    var isShared = false
    /// When it was last used.
    private(set) var lastUse = NIODeadline.now()
    private var context: ChannelHandlerContext?
    private var waiting: CircularBuffer<Waiting> = []
    private var isFlushDue = false
    private var isWatched = false

    init(address: HostPort) { self.address = address }

    var isActive: Bool { context?.channel.isActive ?? false }

    /// How many requests have not been answered.
    var underWay: Int { waiting.count }

    /// Sends a request; `receiver` gets the answer's parts up to `.end`, or one failure.
    func send(
        _ head: HTTPRequestHead,
        _ body: ByteBuffer,
        timeout limit: TimeAmount,
        receiver: @escaping (Progress) -> Void
    ) {
        guard let context, isActive else { return receiver(.failed(.unreachable("the connection was closed"))) }
        lastUse = .now()
        waiting.append(Waiting(receive: receiver, deadline: lastUse + limit))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        if !isWatched { watch(until: lastUse + limit, context) }
        guard !isFlushDue else { return }
        isFlushDue = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // After everything that was read in this tick.
        context.eventLoop.execute { bound.value.flush() }
    }

    func close() { context?.close(promise: nil) }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard case .end = part else {
            waiting.first?.receive(.part(part))
            return
        }
        isFresh = false
        waiting.popFirst()?.receive(.part(part))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.unreachable("the node closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.unreachable("\(error)"))
        context.close(promise: nil)
    }

    private func flush() {
        isFlushDue = false
        context?.flush()
    }

    /// Looks at the oldest request when its time is up; one timer serves all.
    private func watch(until deadline: NIODeadline, _ context: ChannelHandlerContext) {
        isWatched = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(deadline: deadline) { bound.value.look() }
    }

    private func look() {
        isWatched = false
        guard let context, let oldest = waiting.first?.deadline else { return }
        guard oldest <= .now() else { return watch(until: oldest, context) }
        waiting.popFirst()?.receive(.failed(.timedOut))
        // Those behind it wait for the same answer, and are told that the connection has ended.
        context.close(promise: nil)
    }

    private func fail(_ error: UpstreamError) {
        let failed = waiting
        waiting = []
        for each in failed { each.receive(.failed(error)) }
    }
}
