extension SIPMessage {
    /// Reads one whole message; nil when it is not SIP. What follows `Content-Length` bytes of body is dropped.
    init?(bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        let headEnd = Self.endOfHead(in: bytes) ?? bytes.count
        var lines = Self.unfolded(String(decoding: bytes[..<headEnd], as: UTF8.self))
        guard !lines.isEmpty, let start = Start(line: lines.removeFirst()) else { return nil }
        self.init(start)
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = SIPFields.trimmed(line[..<colon])
            let value = SIPFields.trimmed(line[line.index(after: colon)...])
            fields.append(Field(name: Self.longNames[name.lowercased()] ?? name, value: value))
        }
        let rest = bytes[headEnd...]
        let length = self["Content-Length"].flatMap { Int($0) } ?? rest.count
        guard length >= 0 else { return nil }
        body = String(decoding: rest.prefix(length), as: UTF8.self)
    }

    /// The message as it is sent; `Content-Length` is counted here and nowhere else.
    var wire: String {
        var lines: [String]
        switch start {
        case .request(let method, let uri): lines = ["\(method) \(uri) SIP/2.0"]
        case .response(let status, let reason): lines = ["SIP/2.0 \(status) \(reason)"]
        }
        lines += fields.filter { $0.name.lowercased() != "content-length" }.map { "\($0.name): \($0.value)" }
        lines.append("Content-Length: \(body.utf8.count)")
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// Where the body begins: after the first empty line.
    static func endOfHead(in bytes: [UInt8]) -> Int? {
        let (cr, lf) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        return bytes.indices.first { index in
            guard bytes[index] == lf, index > 0 else { return false }
            return bytes[index - 1] == lf || (index >= 3 && bytes[(index - 3)...index] == [cr, lf, cr, lf])
        }.map { $0 + 1 }
    }

    /// The lines of a head, with continuation lines joined to the line they continue.
    private static func unfolded(_ head: String) -> [String] {
        var lines: [String] = []
        for line in head.split(whereSeparator: \.isNewline) {
            if let first = line.first, first == " " || first == "\t", let last = lines.popLast() {
                lines.append(last + " " + SIPFields.trimmed(line))
            } else {
                lines.append(String(line))
            }
        }
        return lines
    }

    private static let longNames = [
        "v": "Via", "f": "From", "t": "To", "m": "Contact", "i": "Call-ID", "l": "Content-Length",
        "c": "Content-Type", "k": "Supported",
    ]
}

extension SIPMessage.Start {
    init?(line: String) {
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 2 else { return nil }
        if words[0] == "SIP/2.0" {
            guard let status = Int(words[1]), (100...699).contains(status) else { return nil }
            self = .response(status: status, reason: words.count > 2 ? words[2] : "")
        } else {
            guard words.count == 3, words[2] == "SIP/2.0", !words[0].isEmpty else { return nil }
            self = .request(method: words[0], uri: words[1])
        }
    }
}
