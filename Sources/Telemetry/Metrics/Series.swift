import CoreMetrics
import Synchronization

/// A counter of whole things.
final class CounterSeries: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Double { Double(count.load(ordering: .relaxed)) }

    func increment(by amount: Int64) {
        // A counter never falls; wrapping after 2^63 would be no harm.
        if amount > 0 { count.wrappingAdd(amount, ordering: .relaxed) }
    }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// A number with a fraction, set or added to; the bits of a `Double` in one atomic word.
final class NumberSeries: FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let bits = Atomic<UInt64>(0)
    private let onlyGrows: Bool

    init(onlyGrows: Bool = false) { self.onlyGrows = onlyGrows }

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { set(0.0) }

    func increment(by amount: Double) {
        guard amount.isFinite, amount >= 0 || !onlyGrows else { return }
        var current = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: current) + amount).bitPattern
            let attempt = bits.weakCompareExchange(expected: current, desired: sum, ordering: .relaxed)
            if attempt.exchanged { return }
            current = attempt.original
        }
    }
}

/// Observations counted into fixed buckets; a timer's are in seconds.
final class HistogramSeries: RecorderHandler, TimerHandler {
    struct Snapshot: Sendable {
        /// Observations per bucket, not yet cumulated; the last are those above every bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    let bounds: [Double]
    /// An uncontended lock costs as much as the two atomics it replaces, and count and sum of a scrape agree.
    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var snapshot: Snapshot { state.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] &+= 1
            state.sum += value
        }
    }
}
