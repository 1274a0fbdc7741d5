/// The pronouncing dictionary of Carnegie Mellon University: `word P HH OW N Z`, further ways as `word(2) ...`.
enum CMUDictionary {
    /// The pronunciations of some words. The file has 134,000 lines and most of them are not wanted: bytes, not characters.
    static func entries(in text: String, for words: Set<String>) -> [String: [String]] {
        var entries: [String: [String]] = [:]
        let (space, parenthesis) = (UInt8(ascii: " "), UInt8(ascii: "("))
        let initials = Set(words.compactMap(\.utf8.first))
        for line in Array(text.utf8).split(separator: UInt8(ascii: "\n")) {
            guard let first = line.first, initials.contains(first), let end = line.firstIndex(of: space) else {
                continue
            }
            let word = String(decoding: line[..<end].prefix { $0 != parenthesis }, as: UTF8.self)
            guard words.contains(word) else { continue }
            let way = String(decoding: line[line.index(after: end)...], as: UTF8.self)
            entries[word, default: []].append(SIPFields.trimmed(way))
        }
        return entries
    }
}
