/// What may have been said: a small list of sentences makes recognition reliable over a telephone line.
package struct SpeechVocabulary: Sendable, Hashable {
    /// The possible sentences, in lower-case words without punctuation.
    package var sentences: [String]
    /// Further ways to say words, in the phones of CMUdict (`"vega": ["V IY G AH"]`): what a synthesizer says is not always what
    /// the dictionary expects, and some names are in no dictionary.
    package var pronunciations: [String: [String]]

    /// Sentences as people write them; capitals and punctuation do not matter.
    package init(sentences: [String], pronunciations: [String: [String]] = [:]) {
        self.sentences = sentences.map(Self.normalised)
        self.pronunciations = pronunciations
    }

    /// What the text-to-speech app says on nodes of these nicknames.
    package static func connected(to nicknames: [String]) -> SpeechVocabulary {
        SpeechVocabulary(
            sentences: nicknames.map { "You are connected to the Asterisk called \($0)" },
            pronunciations: StarNames.pronunciations
        )
    }

    /// The words that occur, each once, sorted.
    var words: [String] {
        Set(sentences.flatMap { $0.split(separator: " ").map(String.init) }).sorted()
    }

    /// The grammar in the Java Speech Grammar Format: exactly one of the sentences.
    var grammar: String {
        "#JSGF V1.0;\ngrammar phone;\npublic <sentence> = \(sentences.joined(separator: " | "));\n"
    }

    /// The lines of a CMUdict file for the words, and the words that nobody can pronounce.
    func dictionary(from known: [String: [String]]) -> (lines: [String], missing: [String]) {
        var lines: [String] = []
        var missing: [String] = []
        for word in words {
            var ways: [String] = []
            for way in (known[word] ?? []) + (pronunciations[word] ?? []) where !ways.contains(way) { ways.append(way) }
            if ways.isEmpty { missing.append(word) }
            for (index, way) in ways.enumerated() {
                lines.append("\(word)\(index == 0 ? "" : "(\(index + 1))") \(way)")
            }
        }
        return (lines, missing)
    }

    private static func normalised(_ sentence: String) -> String {
        let words = sentence.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }
        return words.joined(separator: " ")
    }
}
