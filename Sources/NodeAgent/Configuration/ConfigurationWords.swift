/// Which words may stand in a configuration file. Names come from clients, and a comma, a bracket or a line break in one would
/// change what the file says.
enum ConfigurationWords {
    /// A name that ARI, the dialplan and a comma-separated list can all carry.
    static func isApplication(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && name.utf8.allSatisfy { isWord($0) || ".:@/+".utf8.contains($0) }
            && name != NodeConfiguration.observer
    }

    /// A number, a name, or a pattern beginning with an underscore.
    static func isExtension(_ number: String) -> Bool {
        let body = number.hasPrefix("_") ? number.dropFirst() : number[...]
        let allowed = number.hasPrefix("_") ? "+*#.![]" : "+*#."
        return !body.isEmpty && body.utf8.count <= 79
            && body.utf8.allSatisfy { isWord($0) || allowed.utf8.contains($0) }
    }

    /// A node's name.
    static func isNode(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 40 && name.utf8.allSatisfy(isWord)
    }

    /// Words for people: anything on one line that begins no comment and calls no function.
    static func isPlain(_ text: String) -> Bool {
        !text.contains { $0.isNewline || ";\\${}\"".contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
