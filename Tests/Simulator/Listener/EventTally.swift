import NIOCore

/// What a client has received: how much, in which order, and how late.
struct EventTally: Sendable {
    /// For people and benches.
    struct Report: Encodable, Sendable {
        /// Events with a mark.
        var received: Int
        /// Events without one, such as `StasisStart`.
        var others: Int
        /// Marks that are missing between one event of a channel and the next.
        var lost: Int
        /// Events whose mark is not newer than the one before it of the same channel.
        var repeated: Int
        /// Milliseconds from the event's sending to its arrival here.
        var median: Double
        var p99: Double
        var worst: Double
        /// From the first event to the last.
        var seconds: Double
    }

    private var received = 0
    private var others = 0
    private var lost = 0
    private var repeated = 0
    private var first: UInt64?
    private var last: UInt64 = 0
    /// The count of the latest event, by channel.
    private var latest: [UInt64: Int] = [:]
    private var delays = DelayHistogram()

    /// Takes one event in.
    /// - Parameter now: by the clock of the mark.
    mutating func take(_ text: ByteBuffer, now: UInt64) {
        guard let mark = EventMark(in: text) else {
            others += 1
            return
        }
        received += 1
        first = first ?? now
        last = now
        delays.note(nanoseconds: now - min(now, mark.sent))
        let channel = UInt64(mark.node) << 32 | UInt64(mark.channel)
        if let former = latest[channel] {
            if mark.count <= former { repeated += 1 } else { lost += mark.count - former - 1 }
        }
        latest[channel] = max(mark.count, latest[channel] ?? 0)
    }

    /// Counts from nothing again; what comes next of each channel is remembered.
    mutating func reset() {
        let latest = latest
        self = EventTally()
        self.latest = latest
    }

    var report: Report {
        Report(
            received: received,
            others: others,
            lost: lost,
            repeated: repeated,
            median: delays.milliseconds(at: 0.5),
            p99: delays.milliseconds(at: 0.99),
            worst: delays.worst,
            seconds: Double(last - (first ?? last)) / 1e9
        )
    }
}

/// How often which delay was seen, to a hundredth of a millisecond up to ten seconds.
struct DelayHistogram: Sendable {
    private static let width: UInt64 = 10_000
    private var counts = [Int](repeating: 0, count: 1_000_000)
    private var all = 0
    /// The longest, in milliseconds.
    private(set) var worst = 0.0

    mutating func note(nanoseconds: UInt64) {
        counts[Int(min(nanoseconds / Self.width, UInt64(counts.count - 1)))] += 1
        all += 1
        worst = max(worst, Double(nanoseconds) / 1e6)
    }

    /// The delay that this share of all do not exceed.
    func milliseconds(at share: Double) -> Double {
        let wanted = Int((Double(all) * share).rounded(.up))
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return Double((UInt64(index) + 1) * Self.width) / 1e6 }
        }
        return 0
    }
}
