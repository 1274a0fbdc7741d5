import NIOCore

/// Cuts a TCP stream into messages at the length each one declares (RFC 3261 section 18.3).
struct SIPStreamDecoder: ByteToMessageDecoder {
    typealias InboundOut = SIPMessage

    struct TooLong: Error {}

    private static let limit = 65_536

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        // Empty lines between messages are keep-alives.
        while let byte = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), byte == 13 || byte == 10 {
            buffer.moveReaderIndex(forwardBy: 1)
        }
        let bytes = Array(buffer.readableBytesView)
        guard bytes.count <= Self.limit else { throw TooLong() }
        guard let headEnd = SIPMessage.endOfHead(in: bytes) else { return .needMoreData }
        guard let head = SIPMessage(bytes: bytes[..<headEnd]) else {
            buffer.moveReaderIndex(forwardBy: headEnd)
            return .continue
        }
        let length = headEnd + (head["Content-Length"].flatMap { Int($0) } ?? 0)
        guard bytes.count >= length else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: length)
        if let message = SIPMessage(bytes: bytes[..<length]) { context.fireChannelRead(Self.wrapInboundOut(message)) }
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState { try decode(context: context, buffer: &buffer) }
}

/// Reads each datagram as one message; what is not SIP is dropped.
final class SIPDatagramDecoder: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias InboundOut = SIPMessage

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let message = SIPMessage(bytes: Self.unwrapInboundIn(data).data.readableBytesView) else { return }
        context.fireChannelRead(Self.wrapInboundOut(message))
    }
}
