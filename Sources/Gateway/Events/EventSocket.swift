import NIOCore
import NIOWebSocket
import Synchronization

/// One client's event WebSocket: text goes out from any thread, is bounded, and a reader too slow for it is cut off.
///
/// Sendable: the channel is thread-safe, and all else is atomic or behind the event loop.
final class EventSocket: Sendable {
    /// Applications it asked for, in its order.
    let applications: [String]
    private let channel: any Channel
    private let backlog: Int
    private let waiting = Atomic<Int>(0)

    init(applications: [String], channel: any Channel, backlog: Int) {
        self.applications = applications
        self.channel = channel
        self.backlog = backlog
    }

    /// Bytes that the client has not read yet.
    var waitingBytes: Int { waiting.load(ordering: .relaxed) }

    /// Sends one message, or closes the socket when more is waiting than the backlog allows.
    func send(_ text: ByteBuffer) {
        let size = text.readableBytes
        guard waiting.add(size, ordering: .relaxed).newValue <= backlog else {
            return close(.policyViolation, "reads too slowly: more than \(backlog) bytes of events are waiting")
        }
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: text)).whenComplete { [self] _ in
            waiting.subtract(size, ordering: .relaxed)
        }
    }

    func close(_ code: WebSocketErrorCode, _ reason: String) {
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: code)
        payload.writeString(String(reason.prefix(120)))
        let channel = channel
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)).whenComplete { _ in
            channel.close(promise: nil)
        }
        // A peer that reads nothing would keep the close frame, and so the channel, waiting for ever.
        channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
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
