/// When to stop collecting digits.
struct DigitCollector: Sendable {
    private let count: Int
    private let terminator: Character?
    private var digits = ""

    init(count: Int, terminator: Character?) {
        self.count = max(1, count)
        self.terminator = terminator
    }

    /// Takes a key; the result when that was the last one.
    mutating func receive(_ digit: Character) -> GatheredDigits? {
        if digit == terminator { return GatheredDigits(digits: digits, end: .terminator) }
        digits.append(digit)
        return digits.count == count ? GatheredDigits(digits: digits, end: .count) : nil
    }

    /// The result when no more keys come.
    var timedOut: GatheredDigits { GatheredDigits(digits: digits, end: .timeout) }
}

/// What a caller typed.
public struct GatheredDigits: Sendable, Hashable {
    /// What ended it.
    public enum End: Sendable, Hashable {
        /// There were as many as asked for.
        case count
        case terminator
        case timeout
    }

    /// Without the terminator; may be empty.
    public var digits: String
    /// Why there are no more.
    public var end: End
}
