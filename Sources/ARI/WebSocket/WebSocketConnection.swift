import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// One end of a WebSocket whose messages are text: what ARI events and REST over WebSocket travel on (RFC 6455).
///
/// Fragments are joined, pings answered, and close frames answered by the connection.
public struct WebSocketConnection: Sendable {
    typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    /// The largest message taken; a larger one closes the connection with 1009.
    public static let maxMessageSize = 1 << 20

    private let frames: Frames
    private let masks: Bool

    init(frames: Frames, masks: Bool) {
        self.frames = frames
        self.masks = masks
    }

    /// What the peer sent.
    public enum Message: Sendable {
        case text(ByteBuffer)
        case pong
    }

    /// The sending half.
    public struct Writer: Sendable {
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
        fileprivate let masks: Bool

        /// Sends one text message.
        public func send(_ text: ByteBuffer) async throws { try await write(.text, text) }
        /// Asks whether the peer is there; it answers with ``Message/pong``.
        public func ping() async throws { try await write(.ping, ByteBuffer()) }

        /// Starts the closing handshake with a code and a reason of at most 123 bytes.
        public func close(code: WebSocketErrorCode, reason: String = "") async throws {
            var payload = ByteBuffer()
            payload.write(webSocketErrorCode: code)
            payload.writeString(String(reason.prefix(120)))
            try await write(.connectionClose, payload)
        }

        fileprivate func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) async throws {
            try await outbound.write(
                WebSocketFrame(fin: true, opcode: opcode, maskKey: masks ? .random() : nil, data: data)
            )
        }
    }

    /// How a connection ended.
    public struct Closure: Sendable, Hashable {
        /// The peer's close code; nil when the connection just broke.
        public var code: UInt16?
        /// What the peer, or the network, gave as the reason.
        public var reason: String
    }

    /// Runs the connection until the peer closes it or `handle` throws.
    /// - Parameter prepare: gets the writer before the first message.
    public func run(
        _ prepare: (Writer) async throws -> Void = { _ in },
        handle: (Message, Writer) async throws -> Void
    ) async throws -> Closure {
        try await frames.executeThenClose { inbound, outbound in
            let writer = Writer(outbound: outbound, masks: masks)
            try await prepare(writer)
            for try await frame in inbound {
                switch frame.opcode {
                case .text: try await handle(.text(frame.unmaskedData), writer)
                case .pong: try await handle(.pong, writer)
                case .ping: try await writer.write(.pong, frame.unmaskedData)
                case .connectionClose:
                    var data = frame.unmaskedData
                    try? await writer.write(.connectionClose, frame.unmaskedData)
                    let code: UInt16? = data.readInteger()
                    return Closure(code: code, reason: String(buffer: data))
                default: break
                }
            }
            return Closure(code: nil, reason: "the connection broke")
        }
    }
}
