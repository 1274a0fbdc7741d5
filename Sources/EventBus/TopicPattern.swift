/// An AMQP topic pattern (AMQP 0-9-1 section 3.1.3.3): words between dots, `*` for one word, `#` for any number.
package struct TopicPattern: Sendable, Hashable {
    private let words: [Substring]
    /// What every topic that matches begins with, if that is all there is to it: the usual `stasis.app.#`.
    private let beginning: String?

    package init(_ text: String) {
        words = text.split(separator: ".", omittingEmptySubsequences: false)
        let literal = words.dropLast()
        beginning =
            words.last == "#" && !literal.contains("#") && !literal.contains("*") ? literal.joined(separator: ".") : nil
    }

    /// Whether `topic` matches.
    package func matches(_ topic: String) -> Bool {
        if let beginning {
            guard !beginning.isEmpty || words.count > 1 else { return true }
            let (topic, beginning) = (topic.utf8, beginning.utf8)
            guard topic.starts(with: beginning) else { return false }
            return topic.count == beginning.count || topic.dropFirst(beginning.count).first == UInt8(ascii: ".")
        }
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
