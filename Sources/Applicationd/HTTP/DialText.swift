/// What may stand in endpoints, variables and digits: nothing that Asterisk would read as more than text.
enum DialText {
    static func isExtension(_ text: String) -> Bool { isWord(text, "+*#_.-") }
    static func isContext(_ text: String) -> Bool { isWord(text, "_.-") }
    static func isMusicClass(_ text: String) -> Bool { isWord(text, "_.-") }

    /// A plain variable; a name with brackets would be a function of the dialplan.
    static func isVariable(_ text: String) -> Bool {
        isWord(text, "_") && !(text.first?.isNumber ?? true)
    }

    static func isDigits(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.allSatisfy { "0123456789*#".contains($0) }
    }

    /// Text without control characters.
    static func isValue(_ text: String) -> Bool {
        text.unicodeScalars.count <= 1024 && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    }

    private static func isWord(_ text: String, _ signs: String) -> Bool {
        (1...80).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || signs.contains($0)) }
    }
}

extension KeyedDecodingContainer {
    /// A text that follows a rule.
    func decode(_ key: Key, matching rule: (String) -> Bool, _ words: String) throws -> String {
        let text = try decode(String.self, forKey: key)
        guard rule(text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: words)
        }
        return text
    }

    /// As ``decode(_:matching:_:)``, nil when it is missing or null.
    func decodeIfPresent(_ key: Key, matching rule: (String) -> Bool, _ words: String) throws -> String? {
        guard try contains(key) && !decodeNil(forKey: key) else { return nil }
        return try decode(key, matching: rule, words)
    }

    /// A length of time up to a day; 0 is no limit.
    func seconds(_ key: Key) throws -> Int {
        let seconds = try decodeIfPresent(Int.self, forKey: key) ?? 0
        guard (0...86_400).contains(seconds) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "0 to 86400 seconds")
        }
        return seconds
    }
}
