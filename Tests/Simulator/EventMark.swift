import NIOCore

/// What a simulated event tells of itself, in a channel variable: which event of which channel it is, and when it was sent.
struct EventMark: Sendable, Hashable {
    /// The name of the variable.
    static let variable = "SIMULATOR"
    private static let start = Array("\"\(variable)\":\"".utf8)

    /// The node's index.
    var node: Int
    /// The channel's number on its node.
    var channel: Int
    /// Counts the channel's events from 1.
    var count: Int
    /// By the clock of `NIODeadline`, which all processes of a machine share.
    var sent: UInt64

    var text: String { "\(node).\(channel).\(count).\(sent)" }
}

extension EventMark {
    /// Finds the mark in an event's text; nil when there is none.
    init?(in text: ByteBuffer) {
        let numbers = text.withUnsafeReadableBytes { bytes -> [UInt64]? in
            guard var position = Self.end(of: Self.start, in: bytes) else { return nil }
            var numbers: [UInt64] = [0]
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                switch bytes[position] {
                case UInt8(ascii: "."): numbers.append(0)
                case UInt8(ascii: "0")...UInt8(ascii: "9"):
                    numbers[numbers.count - 1] =
                        numbers[numbers.count - 1] &* 10 &+ UInt64(bytes[position] - UInt8(ascii: "0"))
                default: return nil
                }
                position += 1
            }
            return numbers
        }
        guard let numbers, numbers.count == 4 else { return nil }
        self.init(node: Int(numbers[0]), channel: Int(numbers[1]), count: Int(numbers[2]), sent: numbers[3])
    }

    private static func end(of word: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= word.count, let first = word.first else { return nil }
        for start in 0...(bytes.count - word.count) where bytes[start] == first {
            if zip(word, bytes[start...]).allSatisfy(==) { return start + word.count }
        }
        return nil
    }
}
