import NIOCore
import NIOWebSocket
import Synchronization

/// One client's event WebSocket: text goes out from any thread, is bounded, and a reader too slow for it is cut off.
///
/// Sendable: the channel is thread-safe, and all else is atomic or behind the event loop.
final class EventSocket: Sendable {
    /// What it asked for; nil for an operator's, which follows everything.
    let wish: SocketWish?
    private let channel: any Channel
    private let backlog: Int
    private let waiting = Atomic<Int>(0)
    /// What may wait besides the backlog, until nothing waits any more.
    private let extra = Atomic<Int>(0)
    /// What the event loop has been asked to send and has not come to yet.
    private let queue = Mutex<[ByteBuffer]>([])

    init(_ wish: SocketWish? = nil, channel: any Channel, backlog: Int) {
        self.wish = wish
        self.channel = channel
        self.backlog = backlog
    }

    /// Applications it asked for, in its order.
    var applications: [String] { wish?.applications ?? [] }
    /// The workers with whom it shares the calls of its applications; nil when it wants them alone.
    var group: String? { wish?.group }

    /// Bytes that the client has not read yet.
    var waitingBytes: Int { waiting.load(ordering: .relaxed) }

    /// Sends one message, or closes the socket when more is waiting than the backlog allows.
    /// - Parameter isBounded: whether it counts. How things stand when a client comes is told at once and whole, however much it is: who
    ///   has many calls could never come back otherwise.
    func send(_ text: ByteBuffer, isBounded: Bool = true) {
        let size = text.readableBytes
        if !isBounded { extra.add(size, ordering: .relaxed) }
        guard waiting.add(size, ordering: .relaxed).newValue <= backlog + extra.load(ordering: .relaxed) else {
            return close(.policyViolation, "reads too slowly: more than \(backlog) bytes of events are waiting")
        }
        let isFirst = queue.withLock { queue in
            queue.append(text)
            return queue.count == 1
        }
        if isFirst { channel.eventLoop.execute { self.drain() } }
    }

    /// Sends all there is with one write, on the event loop.
    private func drain() {
        let texts = queue.withLock { queue in
            defer { queue = [] }
            return queue
        }
        guard let last = texts.last else { return }
        for text in texts.dropLast() {
            channel.write(WebSocketFrame(fin: true, opcode: .text, data: text), promise: nil)
        }
        let size = texts.reduce(0) { $0 + $1.readableBytes }
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: last)).whenComplete { [self] _ in
            if waiting.subtract(size, ordering: .relaxed).newValue == 0 { extra.store(0, ordering: .relaxed) }
        }
    }

    func close(_ code: WebSocketErrorCode, _ reason: String) {
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: code)
        payload.writeString(String(reason.prefix(120)))
        let channel = channel
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)
        channel.eventLoop.execute { [self] in
            // What was sent before goes before.
            drain()
            channel.writeAndFlush(frame).whenComplete { _ in channel.close(promise: nil) }
        }
        // A peer that reads nothing would keep the close frame, and so the channel, waiting for ever.
        channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
}

extension EventSocket: Hashable {
    static func == (left: EventSocket, right: EventSocket) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Reads what a client of events sends: control frames, and requests.
final class EventSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let onClose: @Sendable () -> Void
    private let onText: @Sendable (ByteBuffer) -> Void
    /// Whether the client has been asked if it is there, and has said nothing since.
    private var isDoubted = false

    init(
        onText: @escaping @Sendable (ByteBuffer) -> Void = { _ in },
        onClose: @escaping @Sendable () -> Void
    ) {
        self.onText = onText
        self.onClose = onClose
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        isDoubted = false
        switch frame.opcode {
        case .text: onText(frame.unmaskedData)
        case .ping:
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)),
                promise: nil
            )
        case .connectionClose:
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: frame.unmaskedData))
            ).whenComplete { _ in bound.value.close(promise: nil) }
        default: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        guard !isDoubted else { return context.close(promise: nil) }
        isDoubted = true
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())),
            promise: nil
        )
    }

    func channelInactive(context: ChannelHandlerContext) {
        onClose()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
