/// The little grammar of SIP field values (RFC 3261 section 25), as far as a phone needs it.
enum SIPFields {
    /// Splits at commas that are neither in quotes nor in angle brackets.
    static func splitList(_ value: String, at separator: Character = ",") -> [String] {
        var parts: [String] = []
        var current = ""
        var isQuoted = false
        var isEscaped = false
        var depth = 0
        for character in value {
            if isEscaped {
                isEscaped = false
            } else if isQuoted {
                if character == "\\" { isEscaped = true }
                if character == "\"" { isQuoted = false }
            } else {
                switch character {
                case "\"": isQuoted = true
                case "<": depth += 1
                case ">": depth -= 1
                case separator where depth <= 0:
                    parts.append(current)
                    current = ""
                    continue
                default: break
                }
            }
            current.append(character)
        }
        parts.append(current)
        return parts.map(trimmed).filter { !$0.isEmpty }
    }

    /// The URI of a name-addr (`"Vega" <sip:vega@host>;tag=1`) or of a bare address.
    static func uri(of value: String) -> String {
        if let open = value.firstIndex(of: "<"), let close = value[open...].firstIndex(of: ">") {
            return String(value[value.index(after: open)..<close])
        }
        return trimmed(value.prefix { $0 != ";" })
    }

    /// A parameter after the address or the first semicolon; nil when absent, empty when it has no value.
    static func parameter(_ name: String, of value: String) -> String? {
        for part in splitList(value, at: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard trimmed(pair[0]).lowercased() == name.lowercased() else { continue }
            return pair.count == 2 ? unquoted(trimmed(pair[1])) : ""
        }
        return nil
    }

    static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast())
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var rest = Substring(text).drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
