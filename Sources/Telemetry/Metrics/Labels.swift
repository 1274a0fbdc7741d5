/// The labels of one series, in a fixed order and with bounded values.
struct Labels: Hashable, Comparable, Sendable {
    /// What stands for every value once a metric has its fill of series.
    static let overflow = "other"
    /// A value longer than this many characters is cut.
    static let maximumLength = 128

    let pairs: [Pair]

    struct Pair: Hashable, Sendable {
        let name: String
        let value: String
    }

    init(_ dimensions: [(String, String)]) {
        var seen: Set<String> = []
        pairs = dimensions.map { Pair(name: MetricName.label($0.0), value: String($0.1.prefix(Self.maximumLength))) }
            .sorted { $0.name < $1.name }
            .filter { seen.insert($0.name).inserted }
    }

    private init(pairs: [Pair]) { self.pairs = pairs }

    /// The same labels, saying nothing.
    var overflowing: Labels { Labels(pairs: pairs.map { Pair(name: $0.name, value: Self.overflow) }) }

    /// `{a="1",b="2"}`, or nothing; `extra` is a label that comes last, such as a bucket's `le`.
    func text(extra: (name: String, value: String)? = nil) -> String {
        var parts = pairs.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        if let extra { parts.append("\(extra.name)=\"\(extra.value)\"") }
        return parts.isEmpty ? "" : "{" + parts.joined(separator: ",") + "}"
    }

    static func < (one: Labels, other: Labels) -> Bool {
        one.pairs.lexicographicallyPrecedes(other.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }

    static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
