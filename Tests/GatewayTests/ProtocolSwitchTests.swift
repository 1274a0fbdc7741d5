import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket
import Synchronization
import Testing

@testable import Gateway

@Suite("A connection that becomes a WebSocket", .timeLimit(.minutes(3)))
struct ProtocolSwitchTests {
    @Test("its client is told when all is in place: what happens from then on, it hears")
    func order() throws {
        let channel = EmbeddedChannel()
        let told = Told()
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in
                told.note("in place")
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        )
        let protocols = ProtocolSwitch(upgrader)
        let last = LastHandler()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(FlushWatch(told))
        try protocols.addHTTP(to: pipeline)
        try pipeline.addHandler(last)
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ari/events?app=a")
        head.headers = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        let taken = try protocols.perform(head, instead: last, context: pipeline.context(handler: last))
        channel.embeddedEventLoop.run()
        let isTaken = try taken.wait()
        #expect(isTaken)
        #expect(told.all == ["in place", "told"])
        let answer = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: answer).hasPrefix("HTTP/1.1 101"))
        _ = try channel.finish()
    }

    /// What happened, in order.
    private final class Told: Sendable {
        private let state = Mutex<[String]>([])
        var all: [String] { state.withLock(\.self) }
        func note(_ what: String) { state.withLock { $0.append(what) } }
    }

    /// Notes when something leaves.
    private final class FlushWatch: ChannelOutboundHandler {
        typealias OutboundIn = Any

        private let told: Told

        init(_ told: Told) { self.told = told }

        func flush(context: ChannelHandlerContext) {
            told.note("told")
            context.flush()
        }
    }

    /// Whoever answered requests until then.
    private final class LastHandler: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPServerRequestPart
    }
}
