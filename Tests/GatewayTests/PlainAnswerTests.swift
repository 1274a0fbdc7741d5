import NIOCore
import Testing

@testable import Gateway

@Suite("Answers of nodes that are passed on as they are")
struct PlainAnswerTests {
    private static let head =
        "HTTP/1.1 200 OK\r\nDate: today\r\nContent-type: application/json\r\nContent-Length: 2\r\n"

    @Test("an answer is taken off whole, and what follows it stays")
    func whole() throws {
        var bytes = ByteBuffer(string: Self.head + "\r\n{}HTTP/1.1 204")
        let answer = try #require(Self.answer(&bytes))
        #expect(answer.status == 200)
        #expect(String(buffer: answer.head) == Self.head)
        #expect(String(buffer: answer.body) == "{}")
        #expect(answer.isKeepAlive && !answer.isPage)
        #expect(String(buffer: bytes) == "HTTP/1.1 204")
    }

    @Test("at every byte that is missing it is incomplete, and nothing is taken")
    func truncated() {
        let whole = Self.head + "\r\n{}"
        for length in 0..<whole.utf8.count {
            var bytes = ByteBuffer(bytes: whole.utf8.prefix(length))
            #expect(PlainAnswer.read(from: &bytes) == .incomplete, "\(length) bytes")
            #expect(bytes.readableBytes == length)
        }
    }

    @Test(
        "what concerns the connection to the node is not passed on",
        arguments: [
            ("Connection: keep-alive\r\n", true), ("Connection: Keep-Alive\r\nKeep-Alive: timeout=15\r\n", true),
            ("CONNECTION: close\r\n", false), ("X-Request-ID: of-the-node\r\n", true),
        ]
    )
    func dropped(header: String, isKeepAlive: Bool) throws {
        var bytes = ByteBuffer(
            string: "HTTP/1.1 404 Not Found\r\nA: b\r\n\(header)Content-Length: 0\r\nContent-Type: text/html\r\n\r\n"
        )
        let answer = try #require(Self.answer(&bytes))
        #expect(
            String(buffer: answer.head)
                == "HTTP/1.1 404 Not Found\r\nA: b\r\nContent-Length: 0\r\nContent-Type: text/html\r\n"
        )
        #expect(answer.isKeepAlive == isKeepAlive)
        #expect(answer.isPage)
    }

    @Test("an answer without content needs no length")
    func empty() throws {
        var bytes = ByteBuffer(string: "HTTP/1.1 204 No Content\r\nDate: today\r\n\r\n")
        #expect(try #require(Self.answer(&bytes)).status == 204)
        #expect(bytes.readableBytes == 0)
    }

    @Test(
        "whatever else is left to a parser",
        arguments: [
            "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n.",
            "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            "\n", "garbage\r\n", "HTTP/1.1 200 OK\r\nA: " + String(repeating: "a", count: 17_000),
        ]
    )
    func strange(text: String) {
        var bytes = ByteBuffer(string: text)
        #expect(PlainAnswer.read(from: &bytes) == .strange)
        #expect(bytes.readableBytes == text.utf8.count)
    }

    private static func answer(_ bytes: inout ByteBuffer) -> PlainAnswer? {
        guard case .answer(let answer) = PlainAnswer.read(from: &bytes) else { return nil }
        return answer
    }
}
