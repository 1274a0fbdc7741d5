import Foundation
import NIOCore
import NIOHTTP1

/// The head of a request that a client sends again and again, only with another target: known by its bytes, it need not be parsed anew.
///
/// A pure rule. It takes nothing apart that the parser has not: all but the method and the target is, byte for byte, what the parser has
/// read on the same connection and found to have no body.
struct RepeatedHead {
    /// What follows the target: the version, the headers and the blank line.
    private let tail: [UInt8]
    private let headers: HTTPHeaders

    /// - Parameters:
    ///   - bytes: a chunk from the client.
    ///   - head: what the parser made of it.
    /// - Returns: nil unless the chunk is this one request, without a body, after which the connection stays open and HTTP.
    init?(_ bytes: ByteBuffer, parsedAs head: HTTPRequestHead) {
        guard head.version == .http1_1, !head.headers.hasFraming, let line = RequestLine(bytes),
            line.method == head.method, line.target == head.uri
        else { return nil }
        let tail = bytes.readableBytesView.dropFirst(line.length)
        guard tail.starts(with: Self.version), Self.isOneHead(tail) else { return nil }
        self.tail = Array(tail)
        headers = head.headers
    }

    /// - Returns: the head, if the chunk is one request that differs from the known one in nothing but method and target.
    func head(of bytes: ByteBuffer) -> HTTPRequestHead? {
        let rest = bytes.readableBytes - tail.count
        guard rest > 0, isTail(bytes, from: rest), let line = RequestLine(bytes), line.length == rest else {
            return nil
        }
        return HTTPRequestHead(version: .http1_1, method: line.method, uri: line.target, headers: headers)
    }

    private func isTail(_ bytes: ByteBuffer, from start: Int) -> Bool {
        bytes.withUnsafeReadableBytes { bytes in
            tail.withUnsafeBytes { tail in
                guard let known = tail.baseAddress, let read = bytes.baseAddress else { return false }
                return memcmp(known, read + start, tail.count) == 0
            }
        }
    }

    private static let version = Array(" HTTP/1.1\r\n".utf8)

    /// Whether the only blank line is at the end.
    private static func isOneHead(_ bytes: ByteBufferView) -> Bool {
        var newlines = 0
        var index = bytes.startIndex
        for byte in bytes {
            index += 1
            switch byte {
            case UInt8(ascii: "\n"): newlines += 1
            case UInt8(ascii: "\r"): continue
            default: newlines = 0
            }
            if newlines == 2 { return index == bytes.endIndex }
        }
        return false
    }
}

/// The beginning of a chunk, up to the space after the target: a method of ARI's, and a target of characters that need no second look.
private struct RequestLine {
    let method: HTTPMethod
    let target: String
    /// How many bytes that is.
    let length: Int

    init?(_ bytes: ByteBuffer) {
        let parts: (HTTPMethod, String, Int)? = bytes.withUnsafeReadableBytes { bytes in
            guard let (method, start) = Self.method(bytes), start < bytes.count, bytes[start] == UInt8(ascii: "/")
            else {
                return nil
            }
            var end = start
            while end < bytes.count, Self.isPlain(bytes[end]) { end += 1 }
            return (method, String(decoding: bytes[start..<end], as: UTF8.self), end)
        }
        guard let (method, target, length) = parts else { return nil }
        (self.method, self.target, self.length) = (method, target, length)
    }

    private static let methods: [(HTTPMethod, [UInt8])] = [HTTPMethod.GET, .POST, .PUT, .DELETE].map {
        ($0, Array("\($0.rawValue) ".utf8))
    }

    private static func method(_ bytes: UnsafeRawBufferPointer) -> (HTTPMethod, Int)? {
        for (method, name) in methods where bytes.starts(with: name) { return (method, name.count) }
        return nil
    }

    /// Those of RFC 3986, section 2, without the number sign.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$")...UInt8(ascii: "/"), UInt8(ascii: ":"),
            UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: "!"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension HTTPHeaders {
    /// Whether they say that a body follows, that another protocol does, or what becomes of the connection.
    fileprivate var hasFraming: Bool {
        ["Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect", "Trailer"].contains { name in
            self[canonicalForm: name].contains { $0 != "0" && $0.lowercased() != "keep-alive" }
        }
    }
}
