/// What may be written into a dialplan, a SIP account or a topic: nothing that could be read as syntax there.
package enum Names {
    package static func isNumber(_ text: String) -> Bool {
        (1...32).contains(text.count) && text.utf8.allSatisfy { isWord($0) || "*#+".utf8.contains($0) }
    }

    package static func isApplication(_ text: String) -> Bool { isName(text) }

    package static func isSubscriber(_ text: String) -> Bool { isName(text) }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.count) && text.utf8.allSatisfy { isWord($0) || "-_.".utf8.contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
