import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("Requests of one connection")
struct RequestQueueTests {
    private let channel = EmbeddedChannel()
    private let reads = ReadCounter()
    private let seen = Seen()

    init() throws {
        try channel.pipeline.syncOperations.addHandlers([reads, RequestQueue(), seen])
    }

    @Test("the next is let through when the one before is answered")
    func order() throws {
        try send("/a", body: "1")
        try send("/b")
        #expect(seen.parts == ["/a", "1", "end"])
        try answer()
        #expect(seen.parts == ["/a", "1", "end", "/b", "end"])
    }

    @Test("what cannot be parsed is told after the answers to what came before it")
    func fault() throws {
        try send("/a")
        try send("/b")
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
        try answer()
        #expect(seen.parts == ["/a", "end", "/b", "end"])
        try answer()
        #expect(seen.parts == ["/a", "end", "/b", "end", "error"])
    }

    @Test("reading stops while much waits, and goes on when it has been answered")
    func bounded() throws {
        try send("/a")
        for _ in 0..<31 { try send("/b") }
        channel.read()
        #expect(reads.count == 1)
        try send("/c")
        channel.read()
        #expect(reads.count == 1)
        try answer()
        #expect(reads.count == 2)
    }

    @Test("reading stops while large bodies wait")
    func bodies() throws {
        try send("/a")
        try send("/b", body: String(repeating: "b", count: 70_000))
        channel.read()
        #expect(reads.count == 0)
        try answer()
        #expect(reads.count == 1)
    }

    private func send(_ target: String, body: String? = nil) throws {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target)
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        if let body { try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: body))) }
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
    }

    private func answer() throws {
        let head = HTTPResponseHead(version: .http1_1, status: .ok)
        try channel.writeOutbound(HTTPServerResponsePart.head(head))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart

    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

private final class Seen: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private(set) var parts: [String] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): parts.append(head.uri)
        case .body(let body): parts.append(String(buffer: body))
        case .end: parts.append("end")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { parts.append("error") }
}
