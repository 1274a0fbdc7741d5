import NIOCore
import NIOHTTP1

/// Lets one request of a connection through at a time, as NIO's `HTTPServerPipelineHandler` does, but goes on reading meanwhile: to stop and
/// begin again would cost two system calls for every request, and hardly a client sends the next one before it has its answer.
///
/// What is read ahead is bounded; beyond that the connection is not read from.
final class RequestQueue: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What the parser has read on this connection.
    struct Parsed {
        var heads = 0
        var ends = 0
        var lastHead: HTTPRequestHead?

        /// Whether the parser is not within a message, as far as it has told.
        var isBetweenMessages: Bool { heads == ends }
    }

    /// How many parts may wait, and how many bytes of bodies.
    private static let maxParts = 64
    private static let maxBytes = 64 * 1024

    private(set) var parsed = Parsed()
    /// Whether a request is being answered.
    private(set) var isBusy = false
    private var held: CircularBuffer<HTTPServerRequestPart> = []
    private var heldBytes = 0
    private var heldError: (any Error)?
    private var isReadHeld = false
    private var isReleasing = false
    private var context: ChannelHandlerContext?

    /// Whether nothing is under way or waits.
    var isIdle: Bool { !isBusy && held.isEmpty && heldError == nil }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        held = []
    }

    /// A request came another way than through the parser.
    func begin() { isBusy = true }

    /// A request is answered, another way than through ``write(context:data:promise:)``.
    func finish() {
        isBusy = false
        release()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            parsed.heads += 1
            parsed.lastHead = head
        case .body: break
        case .end: parsed.ends += 1
        }
        guard isBusy || !held.isEmpty else { return pass(part, context) }
        if case .body(let body) = part { heldBytes += body.readableBytes }
        held.append(part)
    }

    func read(context: ChannelHandlerContext) {
        if held.count < Self.maxParts, heldBytes < Self.maxBytes {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        context.write(data, promise: promise)
        if isEnd { finish() }
    }

    /// What cannot be parsed is answered after what came before it.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isIdle { context.fireErrorCaught(error) } else { heldError = heldError ?? error }
    }

    private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        if case .end = part { isBusy = true }
        context.fireChannelRead(wrapInboundOut(part))
    }

    private func release() {
        // An answer that is made at once comes back here from within `pass`.
        guard !isReleasing, let context else { return }
        isReleasing = true
        while !isBusy, let part = held.popFirst() {
            if case .body(let body) = part { heldBytes -= body.readableBytes }
            pass(part, context)
        }
        isReleasing = false
        if !isBusy, held.isEmpty, let error = heldError {
            heldError = nil
            context.fireErrorCaught(error)
        }
        guard isReadHeld, held.count < Self.maxParts, heldBytes < Self.maxBytes else { return }
        isReadHeld = false
        context.read()
    }
}
