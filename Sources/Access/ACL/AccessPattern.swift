/// One granted access, such as `events.applications.#`, made ready for matching.
///
/// `*` is any run of characters but `.` and `#`, `#` any run at all; both may be empty and stand inside a word. The words `me`,
/// `my_session` and `edit` also stand for the token's user, its session, and `update`. All else is literal.
///
/// A small machine over bytes, run for all its alternatives at once: the time is at most the pattern's length times the text's,
/// whatever both look like.
struct AccessPattern: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case byte(UInt8)
        /// `*`
        case run
        /// `#`
        case anything
        /// Goes on at the next step and at another one.
        case fork(Int)
        case jump(Int)
    }

    /// The bytes before the first wildcard or reserved word: they decide most refusals.
    private var prefix: [UInt8] = []
    private var steps: [Step] = []

    /// - Parameters:
    ///   - access: without a leading `!`.
    ///   - reserved: what reserved words stand for besides themselves.
    init(_ access: Substring, reserved: [Substring: String]) {
        for (position, word) in access.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            if position > 0 { append(UInt8(ascii: ".")) }
            if let other = reserved[word] {
                append(either: Array(word.utf8), or: Array(other.utf8))
            } else {
                for byte in word.utf8 { append(byte) }
            }
        }
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "*") where steps.last == .run || steps.last == .anything: break
        case UInt8(ascii: "*"): steps.append(.run)
        case UInt8(ascii: "#") where steps.last == .anything: break
        case UInt8(ascii: "#"):
            if steps.last == .run { steps.removeLast() }
            steps.append(.anything)
        default: if steps.isEmpty { prefix.append(byte) } else { steps.append(.byte(byte)) }
        }
    }

    private mutating func append(either first: [UInt8], or second: [UInt8]) {
        steps.append(.fork(steps.count + first.count + 2))
        steps += first.map(Step.byte)
        steps.append(.jump(steps.count + second.count + 1))
        steps += second.map(Step.byte)
    }

    func matches(_ text: [UInt8]) -> Bool {
        guard text.starts(with: prefix) else { return false }
        if steps.isEmpty { return text.count == prefix.count }
        if steps == [.anything] { return true }
        return run(text.dropFirst(prefix.count))
    }

    private func run(_ text: ArraySlice<UInt8>) -> Bool {
        var here = Places(steps.count + 1)
        var next = here
        enter(0, &here)
        for byte in text {
            next.removeAll()
            for place in here.list where place < steps.count {
                switch steps[place] {
                case .byte(byte): enter(place + 1, &next)
                case .run where byte != UInt8(ascii: ".") && byte != UInt8(ascii: "#"): enter(place, &next)
                case .anything: enter(place, &next)
                default: break
                }
            }
            guard !next.list.isEmpty else { return false }
            swap(&here, &next)
        }
        return here.contains(steps.count)
    }

    /// Notes a place and all that can be reached from it without a character.
    private func enter(_ place: Int, _ places: inout Places) {
        guard places.insert(place), place < steps.count else { return }
        switch steps[place] {
        case .byte: break
        case .run, .anything: enter(place + 1, &places)
        case .fork(let other):
            enter(place + 1, &places)
            enter(other, &places)
        case .jump(let other): enter(other, &places)
        }
    }
}

/// The steps of a pattern that the text so far leads to, each once.
private struct Places {
    private(set) var list: [Int] = []
    private var isIn: [Bool]

    init(_ count: Int) { isIn = Array(repeating: false, count: count) }

    func contains(_ place: Int) -> Bool { isIn[place] }

    mutating func insert(_ place: Int) -> Bool {
        guard !isIn[place] else { return false }
        isIn[place] = true
        list.append(place)
        return true
    }

    mutating func removeAll() {
        for place in list { isIn[place] = false }
        list.removeAll(keepingCapacity: true)
    }
}
