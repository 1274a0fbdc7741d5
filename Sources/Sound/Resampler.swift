import Foundation

/// Changes the sample rate of sound: a windowed-sinc low-pass filter, evaluated only where an output sample is due.
///
/// With the rates reduced to lowest terms, `up / down`, the filter meets the input at only `up` different offsets, so its values
/// are computed once as `up` phases. The low-pass sits below half of the lower rate: what telephony cannot carry is removed, not
/// folded back into what it can.
package struct Resampler: Sendable {
    private let up: Int
    private let down: Int
    /// Input samples on each side of an output sample that count.
    private let reach: Int
    /// `up` rows of `2 * reach` coefficients.
    private let phases: [[Float]]

    /// Zero crossings of the sinc on each side: more is a steeper edge.
    private static let crossings = 24.0
    /// Where the edge begins, as a part of half the lower rate.
    private static let passband = 0.93

    package init(from source: Int, to target: Int) {
        let divisor = Self.greatestCommonDivisor(source, target)
        let up = target / divisor
        let down = source / divisor
        // In cycles per input sample.
        let cutoff = 0.5 * Self.passband * min(1, Double(target) / Double(source))
        let width = Self.crossings / (2 * cutoff)
        let reach = Int(width.rounded(.up))
        self.up = up
        self.down = down
        self.reach = reach
        phases = (0..<up).map { phase in
            let offset = Double(phase) / Double(up)
            let row = (0..<2 * reach).map { tap in
                let distance = Double(tap - reach + 1) - offset
                return Self.sinc(2 * cutoff * distance) * Self.window(distance / width)
            }
            // Every phase passes a constant unchanged; otherwise silence with an offset would hum.
            let gain = row.reduce(0, +)
            return row.map { Float($0 / gain) }
        }
    }

    package func callAsFunction(_ samples: [Int16]) -> [Int16] {
        if up == down { return samples }
        let count = (samples.count * up + down - 1) / down
        return (0..<count).map { index in
            let position = index * down
            let first = position / up - reach + 1
            let row = phases[position % up]
            var sum: Float = 0
            for tap in max(0, -first)..<max(max(0, -first), min(row.count, samples.count - first)) {
                sum += row[tap] * Float(samples[first + tap])
            }
            return Int16(max(-32768, min(32767, sum.rounded())))
        }
    }

    private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }

    /// Blackman, from -1 to 1: side lobes 58 dB down.
    private static func window(_ x: Double) -> Double {
        abs(x) >= 1 ? 0 : 0.42 + 0.5 * cos(.pi * x) + 0.08 * cos(2 * .pi * x)
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}

extension WAV {
    /// The same sound at another rate.
    public func resampled(to rate: Int) -> WAV {
        rate == sampleRate ? self : WAV(sampleRate: rate, samples: Resampler(from: sampleRate, to: rate)(samples))
    }
}
