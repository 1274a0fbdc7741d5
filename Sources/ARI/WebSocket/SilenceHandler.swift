import NIOCore
import NIOWebSocket

/// Asks a server that has gone silent whether it is there, and closes the connection when nothing comes of it: a server that hangs
/// keeps its connections, and nothing else would tell.
final class SilenceHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// Whether it has been asked and has said nothing since.
    private var isDoubted = false
    /// Whether we read: while our own reader is busy, silence says nothing of the server.
    private var isListening = true

    func read(context: ChannelHandlerContext) {
        isListening = true
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isDoubted = false
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isListening = false
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        guard isListening else { return isDoubted = false }
        guard !isDoubted else { return context.close(promise: nil) }
        isDoubted = true
        let ping = WebSocketFrame(fin: true, opcode: .ping, maskKey: .random(), data: ByteBuffer())
        context.writeAndFlush(wrapOutboundOut(ping), promise: nil)
    }
}
