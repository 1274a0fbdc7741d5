/// An AMQP topic pattern (AMQP 0-9-1 section 3.1.3.3): words between dots, `*` for one word, `#` for any number.
package struct TopicPattern: Sendable, Hashable {
    private let words: [Substring]

    package init(_ text: String) { words = text.split(separator: ".", omittingEmptySubsequences: false) }

    /// Whether `topic` matches.
    package func matches(_ topic: String) -> Bool {
        if words == ["#"] { return true }
        return Self.match(words[...], topic.split(separator: ".", omittingEmptySubsequences: false)[...])
    }

    private static func match(_ pattern: ArraySlice<Substring>, _ topic: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return topic.isEmpty }
        if first == "#" {
            if pattern.count == 1 { return true }
            return (0...topic.count).contains { match(pattern.dropFirst(), topic.dropFirst($0)) }
        }
        guard let word = topic.first, first == "*" || first == word else { return false }
        return match(pattern.dropFirst(), topic.dropFirst())
    }
}
