import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import Gateway

@Suite("What waits for a client of events")
struct EventSocketTests {
    private static let text = ByteBuffer(string: "0123456789")

    @Test(
        "a client that reads too slowly is cut off when more waits than may; how things stand does not count",
        arguments: [(0, 10, false), (0, 11, true), (1000, 10, false), (1000, 11, true)]
    )
    func bounded(standing: Int, events: Int, isCutOff: Bool) throws {
        let channel = EmbeddedChannel()
        let socket = EventSocket(channel: channel, backlog: 100)
        for _ in 0..<standing { socket.send(Self.text, isBounded: false) }
        for _ in 0..<events { socket.send(Self.text) }
        #expect(socket.waitingBytes == (standing + events) * 10)
        let frames = try Self.frames(channel)
        // The one that is too much is not sent.
        #expect(frames.count { $0 == .text } == standing + min(events, 10))
        #expect(frames.contains(.connectionClose) == isCutOff)
    }

    @Test("once how things stand has been read, no more may wait than before")
    func read() throws {
        let channel = EmbeddedChannel()
        let socket = EventSocket(channel: channel, backlog: 100)
        for _ in 0..<1000 { socket.send(Self.text, isBounded: false) }
        #expect(try Self.frames(channel).count == 1000)
        #expect(socket.waitingBytes == 0)
        for _ in 0..<11 { socket.send(Self.text) }
        #expect(try Self.frames(channel).last == .connectionClose)
    }

    /// What has been sent, once the event loop has come to it.
    private static func frames(_ channel: EmbeddedChannel) throws -> [WebSocketOpcode] {
        channel.embeddedEventLoop.run()
        var opcodes: [WebSocketOpcode] = []
        while let frame = try channel.readOutbound(as: WebSocketFrame.self) { opcodes.append(frame.opcode) }
        return opcodes
    }
}
