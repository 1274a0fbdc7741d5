import Logging

/// One JSON object written field by field, flat and on one line.
struct JSONLine {
    /// Names that metadata cannot take.
    private static let ours: Set<String> = ["timestamp", "level", "label", "message"]

    private var fields = ""

    /// The object and the end of its line.
    var text: String { "{" + fields + "}\n" }

    mutating func add(_ name: String, _ value: String) { append(name, Self.quoted(value)) }

    /// Metadata at the top level: a dictionary's keys are joined by dots, and a name of ours is set apart by a prefix.
    mutating func add(metadata name: String, _ value: Logger.MetadataValue) {
        switch value {
        case .dictionary(let entries):
            for (key, value) in entries.sorted(by: { $0.key < $1.key }) { add(metadata: "\(name).\(key)", value) }
        case .array(let values):
            append(Self.free(name), "[" + values.map { Self.quoted("\($0)") }.joined(separator: ",") + "]")
        case .string(let text): append(Self.free(name), Self.quoted(text))
        case .stringConvertible(let value): append(Self.free(name), Self.quoted("\(value)"))
        }
    }

    /// A JSON string. Control characters are escaped, and so are the line separators that some readers take for the end of a line.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private mutating func append(_ name: String, _ value: String) {
        if !fields.isEmpty { fields += "," }
        fields += Self.quoted(name) + ":" + value
    }

    private static func free(_ name: String) -> String { ours.contains(name) ? "metadata.\(name)" : name }
}
