import NIOCore
import NIOHTTP1

/// The way past the HTTP parser and encoder, nearest to the client's socket: for requests that repeat the head of an earlier one, and for
/// answers that are passed on as a node wrote them.
final class RequestShortcut: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let queue: RequestQueue
    /// Gets the requests that take this way.
    var take: ((HTTPRequestHead) -> Void)?
    private var known: RepeatedHead?
    /// Whether the next byte begins a request: not if the parser may hold a part of one.
    private var isAtStart = true
    private var context: ChannelHandlerContext?

    init(_ queue: RequestQueue) { self.queue = queue }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        take = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if isAtStart, queue.isIdle, let take, let head = known?.head(of: bytes) {
            queue.begin()
            return take(head)
        }
        let wasAtStart = isAtStart
        let before = queue.parsed
        context.fireChannelRead(data)
        let after = queue.parsed
        // The parser holds nothing after a blank line that ended a head without a body; after a body one cannot tell.
        isAtStart = after.isBetweenMessages && bytes.readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8)
        guard isAtStart, wasAtStart, after.heads == before.heads + 1, after.ends == before.ends + 1,
            let head = after.lastHead
        else { return }
        known = RepeatedHead(bytes, parsedAs: head) ?? known
    }

    /// Writes a whole answer.
    func write(_ answer: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
        context.writeAndFlush(wrapOutboundOut(answer), promise: promise)
    }
}
