import NIOCore

/// Cuts what Asterisk's manager interface sends into messages. Lines and messages are bounded, since it may send anything.
struct AMIDecoder: ByteToMessageDecoder {
    typealias InboundOut = AMIMessage

    static let longestLine = 64 << 10
    static let mostLines = 4096

    private var message = AMIMessage()
    private var hasGreeted = false
    /// Bytes of the line that have been looked at already.
    private var searched = 0

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let message = try next(in: &buffer) else { return .needMoreData }
        context.fireChannelRead(Self.wrapInboundOut(message))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext,
        buffer: inout ByteBuffer,
        seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }

    /// The next complete message, or nil when there is none yet. The first is the greeting, which is a line on its own.
    mutating func next(in buffer: inout ByteBuffer) throws(AMIError) -> AMIMessage? {
        while let line = try nextLine(in: &buffer) {
            if !hasGreeted {
                hasGreeted = true
                guard line.hasPrefix("Asterisk Call Manager/") else {
                    throw .malformed("it is not a manager interface: it began with \(line.prefix(60).debugDescription)")
                }
                return AMIMessage(fields: [("Greeting", line)])
            }
            if line.isEmpty {
                guard !message.fields.isEmpty else { continue }
                defer { message = AMIMessage() }
                return message
            }
            guard message.fields.count < Self.mostLines else {
                throw .malformed("a message of more than \(Self.mostLines) lines")
            }
            message.add(line: line)
        }
        return nil
    }

    private mutating func nextLine(in buffer: inout ByteBuffer) throws(AMIError) -> String? {
        let view = buffer.readableBytesView
        guard let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) else {
            searched = view.count
            guard searched <= Self.longestLine else {
                throw .malformed("a line of more than \(Self.longestLine) bytes")
            }
            return nil
        }
        let bytes = view[..<end]
        let line = String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
        buffer.moveReaderIndex(forwardBy: bytes.count + 1)
        searched = 0
        return line
    }
}
