/// The name in a channel id. Asterisk builds ids as `SYSTEMNAME-EPOCH.SERIAL`.
enum NodeName {
    /// The system name; nil when the id has none, or was chosen by a client.
    static func ofChannel(_ id: String) -> String? {
        guard let dash = id.lastIndex(of: "-"), dash != id.startIndex else { return nil }
        let numbers = id[id.index(after: dash)...].split(separator: ".", omittingEmptySubsequences: false)
        let areDigits = numbers.allSatisfy { part in !part.isEmpty && part.allSatisfy { $0.isASCII && $0.isNumber } }
        return numbers.count == 2 && areDigits ? String(id[..<dash]) : nil
    }
}
