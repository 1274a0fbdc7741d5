import Foundation
import NIOCore

/// A whole answer of a node, as its bytes: what is passed on of its head, and its body. A pure rule.
///
/// It knows answers whose length is given by `Content-Length` (RFC 9112, section 6.2), as those of ARI are. Whatever else it calls strange;
/// then the request is made again on a connection that has a parser.
struct PlainAnswer: Equatable {
    /// The status code.
    var status: Int
    /// The status line and the headers that concern the client, each with its line's end; without the blank line.
    var head: ByteBuffer
    var body: ByteBuffer
    /// Whether another request may follow on the connection.
    var isKeepAlive: Bool
    /// Whether it is an error that Asterisk's HTTP server tells in a page.
    var isPage: Bool

    /// What there is at the beginning of some bytes.
    enum Reading: Equatable {
        case incomplete
        case answer(PlainAnswer)
        case strange
    }

    /// The longest head, and the longest body.
    private static let maxHead = 16 * 1024
    private static let maxBody = 1024 * 1024

    /// Takes an answer off the beginning of the buffer, if it is there as a whole.
    static func read(from buffer: inout ByteBuffer) -> Reading {
        var shape = AnswerShape()
        switch buffer.withUnsafeReadableBytes({ shape.read($0) }) {
        case .incomplete: return buffer.readableBytes > maxHead ? .strange : .incomplete
        case .strange: return .strange
        case .complete: break
        }
        guard shape.headLength <= maxHead, shape.bodyLength <= maxBody else { return .strange }
        guard buffer.readableBytes >= shape.headLength + shape.bodyLength else { return .incomplete }
        guard let head = buffer.readSlice(length: shape.headLength),
            let body = buffer.readSlice(length: shape.bodyLength)
        else { return .incomplete }
        return .answer(
            PlainAnswer(
                status: shape.status,
                head: shape.passedOn(of: head),
                body: body,
                isKeepAlive: shape.isKeepAlive,
                isPage: shape.status >= 400 && shape.isHTML
            )
        )
    }
}

/// Where the parts of an answer are.
private struct AnswerShape {
    enum Result { case incomplete, complete, strange }

    var status = 0
    /// Up to and with the blank line.
    var headLength = 0
    var bodyLength = 0
    var isKeepAlive = true
    var isHTML = false
    /// Lines that end at the gateway.
    private var dropped: [Range<Int>] = []
    private var contentLength: Int?

    mutating func read(_ bytes: UnsafeRawBufferPointer) -> Result {
        var start = 0
        while let end = Self.line(of: bytes, from: start) {
            guard end - start >= 2, bytes[end - 2] == UInt8(ascii: "\r") else { return .strange }
            let line = bytes[start..<end - 2]
            if start == 0 {
                guard readStatus(line) else { return .strange }
            } else if line.isEmpty {
                headLength = end
                return finish()
            } else if !readHeader(line, end: end) {
                return .strange
            }
            start = end
        }
        return .incomplete
    }

    /// The head without the lines that are dropped, and without the blank one.
    func passedOn(of head: ByteBuffer) -> ByteBuffer {
        let end = headLength - 2
        guard !dropped.isEmpty else { return head.getSlice(at: head.readerIndex, length: end) ?? head }
        var kept = ByteBuffer()
        var start = 0
        for line in dropped + [end..<end] {
            kept.writeImmutableBuffer(
                head.getSlice(at: head.readerIndex + start, length: line.lowerBound - start) ?? kept
            )
            start = line.upperBound
        }
        return kept
    }

    /// - Returns: where the next line begins; nil if there is no line's end yet.
    private static func line(of bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let newline = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(newline) - base + 1
    }

    private mutating func readStatus(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard line.starts(with: "HTTP/1.1 ".utf8), line.count >= 12, let code = Self.number(line.dropFirst(9).prefix(3))
        else { return false }
        status = code
        // An interim answer is followed by another.
        return code >= 200
    }

    /// - Returns: false if the line says something that this type has no notion of.
    private mutating func readHeader(_ line: Slice<UnsafeRawBufferPointer>, end: Int) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = line[..<colon]
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
        switch name.count {
        case 7 where Self.isSame(name, "upgrade") || Self.isSame(name, "trailer"): return false
        case 17 where Self.isSame(name, "transfer-encoding"): return false
        case 14 where Self.isSame(name, "content-length"):
            guard contentLength == nil, let length = Self.number(value) else { return false }
            contentLength = length
        case 12 where Self.isSame(name, "content-type"): isHTML = Self.isSame(value.prefix(9), "text/html")
        case 10 where Self.isSame(name, "connection"):
            isKeepAlive = Self.isSame(value, "keep-alive")
            dropped.append(line.startIndex..<end)
        case 10 where Self.isSame(name, "keep-alive"), 12 where Self.isSame(name, "x-request-id"):
            dropped.append(line.startIndex..<end)
        default: break
        }
        return true
    }

    private mutating func finish() -> Result {
        if status == 204 || status == 304 { return contentLength ?? 0 == 0 ? .complete : .strange }
        guard let contentLength else { return .strange }
        bodyLength = contentLength
        return .complete
    }

    /// A number of up to nine digits.
    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard !digits.isEmpty, digits.count < 10 else { return nil }
        var number = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }

    /// Whether some bytes are a word, in whatever case.
    private static func isSame(_ bytes: Slice<UnsafeRawBufferPointer>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        var index = bytes.startIndex
        for offset in 0..<word.utf8CodeUnitCount {
            guard bytes[index] | 0x20 == word.utf8Start[offset] | 0x20 else { return false }
            index += 1
        }
        return true
    }
}
