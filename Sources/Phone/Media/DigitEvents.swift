/// The digits still to press, as the payloads of RFC 4733: one per packet interval.
struct DigitEvents: Sendable {
    enum Frame: Sendable, Hashable {
        /// Ordinary sound goes out.
        case sound
        /// A piece of a digit; `isFirst` when the digit begins here.
        case event(payload: [UInt8], isFirst: Bool)
    }

    /// Intervals of 20 ms: a digit sounds for 100 ms, its end is told three times, and 100 ms of pause follow.
    private static let held = 5
    private static let ends = 3
    private static let pause = 5
    private static let volume: UInt8 = 10

    private var codes: [UInt8]
    private var interval: Int

    /// - Parameter delay: intervals before the first digit.
    init(_ digits: String, delay: Int = 50) {
        codes = digits.compactMap { digit in
            "0123456789*#ABCD".firstIndex(of: Character(digit.uppercased())).map {
                UInt8("0123456789*#ABCD".distance(from: "0123456789*#ABCD".startIndex, to: $0))
            }
        }
        interval = -delay
    }

    mutating func next() -> Frame {
        guard let code = codes.first else { return .sound }
        defer { interval += 1 }
        guard interval >= 0 else { return .sound }
        if interval == Self.held + Self.ends + Self.pause - 1 {
            codes.removeFirst()
            interval = -1
            return .sound
        }
        guard interval < Self.held + Self.ends else { return .sound }
        let isEnd = interval >= Self.held
        let duration = UInt16(min(interval + 1, Self.held) * 160)
        return .event(
            payload: [
                code, (isEnd ? 0x80 : 0) | Self.volume, UInt8(duration >> 8), UInt8(truncatingIfNeeded: duration),
            ],
            isFirst: interval == 0
        )
    }
}
