import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("Requests that repeat a head")
struct RepeatedHeadTests {
    private static let headers: HTTPHeaders = ["Host": "x", "Authorization": "Basic dTpw"]
    private static let tail = " HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpw\r\n\r\n"

    private static func known() -> RepeatedHead? {
        RepeatedHead(
            ByteBuffer(string: "GET /ari/a" + tail),
            parsedAs: HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ari/a", headers: headers)
        )
    }

    @Test(
        "another target or method is all that may differ",
        arguments: [("GET", "/ari/channels/1.2"), ("POST", "/ari/b?c=d%20e&f=g"), ("DELETE", "/"), ("PUT", "/a")]
    )
    func repeated(method: String, target: String) throws {
        let head = try #require(Self.known()?.head(of: ByteBuffer(string: "\(method) \(target)\(Self.tail)")))
        #expect(head.method == HTTPMethod(rawValue: method))
        #expect(head.uri == target)
        #expect(head.version == .http1_1)
        #expect(head.headers == Self.headers)
    }

    @Test(
        "anything else goes to the parser",
        arguments: [
            "", "GET /ari/a", tail, "GET" + tail, "GET /" + tail.dropLast(), "GET /a" + tail + "\r\n",
            "HEAD /a" + tail, "OPTIONS /a" + tail, "get /a" + tail, "GET  /a" + tail, " GET /a" + tail,
            "GET a" + tail, "GET http://x/a" + tail, "GET /a b" + tail, "GET /a\t" + tail, "GET /a#b" + tail,
            "GET /ä" + tail, "GET /a\0" + tail, "GET /a\r\n" + tail,
            // Another request before it, or the end of a body.
            "GET /a" + tail + "GET /a" + tail, "{}GET /a" + tail, "GET /a HTTP/1.1\r\nX: y\r\n\r\nGET /b" + tail,
            // Other headers.
            "GET /a HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpx\r\n\r\n",
            "GET /a HTTP/1.1\r\nX: y\r\nHost: x\r\nAuthorization: Basic dTpw\r\n\r\n", "GET /a HTTP/1.1\r\n\r\n",
        ]
    )
    func other(text: String) {
        #expect(Self.known()?.head(of: ByteBuffer(string: text)) == nil)
    }

    @Test(
        "a head with which a body, another protocol or an end may come is not remembered",
        arguments: [
            "Content-Length: 2", "Transfer-Encoding: chunked", "Connection: close", "Connection: Upgrade",
            "Upgrade: websocket", "Expect: 100-continue", "Connection: keep-alive, Upgrade",
        ]
    )
    func framing(header: String) {
        let parts = header.split(separator: ": ")
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: "/a",
            headers: ["Host": "x", String(parts[0]): String(parts[1])]
        )
        let bytes = ByteBuffer(string: "GET /a HTTP/1.1\r\nHost: x\r\n\(header)\r\n\r\n")
        #expect(RepeatedHead(bytes, parsedAs: head) == nil)
    }

    @Test("on a connection, each request is answered once and in its order, however its bytes are cut")
    func cut() throws {
        let post = "HTTP/1.1\r\nContent-Length: 4\r\n\r\n"
        let requests =
            (0..<5).map { "GET /\($0)\(Self.tail)" } + ["POST /5 \(post)\r\n\r\n", "POST /6 \(post)GET "]
            + (7..<10).map { "GET /\($0)\(Self.tail)" }
        let stream = Array(requests.joined().utf8)
        let lengths = requests.map(\.utf8.count)
        let cuts = [[stream.count], lengths] + (1...50).map { Array(repeating: $0, count: stream.count / $0 + 1) }
        for cut in cuts {
            let echo = Echo()
            let channel = EmbeddedChannel()
            let queue = RequestQueue()
            let shortcut = RequestShortcut(queue)
            shortcut.take = { echo.take($0, queue, shortcut) }
            try channel.pipeline.syncOperations.addHandlers([
                shortcut, HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder()), queue, echo,
            ])
            var rest = stream[...]
            for length in cut where !rest.isEmpty {
                try channel.writeInbound(ByteBuffer(bytes: rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            #expect(echo.targets == (0..<10).map { "/\($0)" }, "cut into \(cut.prefix(3))")
            // The first, those with bodies, and the one after a body whose end cannot be told from a beginning.
            if cut == lengths { #expect(echo.parsed == 4) }
            _ = try channel.finish()
        }
    }
}

/// Answers each request at once.
private final class Echo: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private(set) var targets: [String] = []
    private(set) var parsed = 0
    private var target = ""

    func take(_ head: HTTPRequestHead, _ queue: RequestQueue, _ shortcut: RequestShortcut) {
        targets.append(head.uri)
        shortcut.write(ByteBuffer(string: "answer"))
        queue.finish()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): target = head.uri
        case .body: break
        case .end:
            parsed += 1
            targets.append(target)
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
