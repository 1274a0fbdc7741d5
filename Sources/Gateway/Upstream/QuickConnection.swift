import NIOCore
import Registry

/// The connection to a node that requests share which Asterisk answers at once and which may be sent twice (HTTP/1.1 pipelining,
/// RFC 9112, section 9.3.2): it answers them in their order, and what is sent within one tick of the event loop while others are under way
/// leaves with one write.
///
/// Confined to its event loop.
final class QuickConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Receiver = (Result<PlainAnswer, UpstreamError>) -> Void

    /// How many requests may be under way; the next gets a connection of its own.
    private static let maxUnderWay = 32

    private struct Waiting {
        var receive: Receiver
        var deadline: NIODeadline
    }

    let address: HostPort
    private var context: ChannelHandlerContext?
    private var waiting: CircularBuffer<Waiting> = []
    private var output = ByteBuffer()
    private var input = ByteBuffer()
    private var lastUse = NIODeadline.now()
    private var isFlushDue = false
    private var isWatched = false
    /// Called once, when it is no good any more.
    private var onEnd: (() -> Void)?

    init(address: HostPort, onEnd: @escaping () -> Void) {
        self.address = address
        self.onEnd = onEnd
    }

    /// Whether it can take another request.
    /// - Parameter maxIdle: how long it may have been idle.
    func isReady(maxIdle: TimeAmount) -> Bool {
        guard context?.channel.isActive == true, onEnd != nil else { return false }
        if waiting.isEmpty, NIODeadline.now() - lastUse >= maxIdle {
            end(.unreachable("it was idle for too long"))
            return false
        }
        return waiting.count < Self.maxUnderWay
    }

    /// Sends a `GET`.
    /// - Parameters:
    ///   - tail: what follows the target in the request's head, with the blank line.
    ///   - receiver: gets the answer, or why there is none, once.
    func send(_ target: String, tail: ByteBuffer, timeout limit: TimeAmount, receiver: @escaping Receiver) {
        guard let context, onEnd != nil else { return receiver(.failure(.unreachable("the connection was closed"))) }
        lastUse = .now()
        waiting.append(Waiting(receive: receiver, deadline: lastUse + limit))
        output.writeString("GET ")
        output.writeString(target)
        output.writeImmutableBuffer(tail)
        if !isWatched { watch(until: lastUse + limit, context) }
        guard !isFlushDue else { return }
        // Where nothing is under way the node need not wait for what else is read in this tick; what is goes after it, together.
        if waiting.count == 1 { return flush() }
        isFlushDue = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.flush() }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        while !waiting.isEmpty {
            switch PlainAnswer.read(from: &input) {
            case .incomplete: return
            case .strange: return end(.unreachable("the answer is not a plain one"))
            case .answer(let answer):
                waiting.popFirst()?.receive(.success(answer))
                guard answer.isKeepAlive else { return end(.unreachable("the node closes the connection")) }
            }
        }
        // What nobody has asked for belongs to nobody.
        if input.readableBytes > 0 { return end(.unreachable("the node said more than it was asked")) }
        input = ByteBuffer()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.unreachable("the node closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(.unreachable("\(error)")) }

    private func flush() {
        isFlushDue = false
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        output.clear()
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
        waiting.popFirst()?.receive(.failure(.timedOut))
        // Those behind it wait for the same answer.
        end(.unreachable("an answer before it did not come"))
    }

    private func end(_ error: UpstreamError) {
        let failed = waiting
        waiting = []
        onEnd?()
        onEnd = nil
        for each in failed { each.receive(.failure(error)) }
        context?.close(promise: nil)
    }
}
