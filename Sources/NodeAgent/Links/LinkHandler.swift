import NIOCore
import NIOWebSocket

/// Our end of a WebSocket that Asterisk has dialled: hands on its messages and finds out when it is dead.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let pingInterval: TimeAmount
    private let silenceLimit: TimeAmount
    private let onText: (ByteBuffer) -> Void
    private let onChange: (Bool) -> Void
    private var lastHeard = NIODeadline.now()
    private var pings: RepeatedTask?

    /// - Parameters:
    ///   - silenceLimit: a link that neither sends nor answers pings for so long is closed.
    ///   - onText: gets each message, on the event loop.
    ///   - onChange: told when the link is up and when it is gone.
    init(
        pingInterval: TimeAmount,
        silenceLimit: TimeAmount,
        onText: @escaping (ByteBuffer) -> Void,
        onChange: @escaping (Bool) -> Void
    ) {
        self.pingInterval = pingInterval
        self.silenceLimit = silenceLimit
        self.onText = onText
        self.onChange = onChange
    }

    func handlerAdded(context: ChannelHandlerContext) {
        lastHeard = .now()
        onChange(true)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: pingInterval, delay: pingInterval) { _ in
            let (handler, context) = bound.value
            handler.check(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        pings?.cancel()
        pings = nil
        onChange(false)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: onText(frame.unmaskedData)
        case .ping: send(.pong, frame.unmaskedData, context)
        case .connectionClose:
            send(.connectionClose, frame.unmaskedData, context)
            context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func check(_ context: ChannelHandlerContext) {
        if NIODeadline.now() - lastHeard > silenceLimit {
            context.close(promise: nil)
        } else {
            send(.ping, ByteBuffer(), context)
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }
}
