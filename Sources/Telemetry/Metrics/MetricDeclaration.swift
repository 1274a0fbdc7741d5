/// What one metric is called, what it counts, and how it is written.
package struct MetricDeclaration: Sendable, Hashable {
    /// The kinds of Prometheus' text format that we use.
    package enum Kind: String, Sendable, Hashable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
        /// Observations, counted into buckets.
        case histogram
    }

    /// The name, a legal one.
    package var name: String
    /// One sentence for people.
    package var help: String
    package var kind: Kind
    /// Upper bounds of a histogram's buckets, ascending.
    package var buckets: [Double]

    package init(_ name: String, _ kind: Kind, _ help: String, buckets: [Double] = Self.latencyBuckets) {
        self.name = MetricName.metric(name)
        self.help = help
        self.kind = kind
        self.buckets = buckets
    }

    /// Bounds in seconds, from a hop on one machine to the longest wait for a node.
    package static let latencyBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]
}

/// The alphabet of Prometheus' names.
enum MetricName {
    static func metric(_ name: String) -> String { sanitized(name, allowsColon: true) }
    static func label(_ name: String) -> String { sanitized(name, allowsColon: false) }

    private static func sanitized(_ name: String, allowsColon: Bool) -> String {
        var text = String(
            name.unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
                case ":" where allowsColon: ":"
                default: "_"
                }
            }
        )
        if text.first.map({ ("0"..."9").contains($0) }) ?? true { text = "_" + text }
        return text
    }
}
