import Foundation

/// Changes the sample rate of sound by a windowed sinc. With the rates in lowest terms, `up / down`, the filter meets the input at
/// only `up` different offsets, so its values are computed once.
struct Resampler: Sendable {
    private let up: Int
    private let down: Int
    /// Input samples on each side of an output sample that count.
    private let reach: Int
    private let phases: [[Float]]

    /// Zero crossings of the sinc on each side.
    private static let crossings = 16.0
    /// Where the low-pass begins, as a part of half the lower rate.
    private static let passband = 0.92

    init(from source: Int, to target: Int) {
        let divisor = Self.greatestCommonDivisor(source, target)
        let (up, down) = (target / divisor, source / divisor)
        let cutoff = Self.passband * min(1, Double(target) / Double(source))
        let width = Self.crossings / cutoff
        let reach = Int(width.rounded(.up))
        (self.up, self.down, self.reach) = (up, down, reach)
        phases = (0..<up).map { phase in
            let row = (0..<2 * reach).map { tap in
                let distance = Double(tap - reach + 1) - Double(phase) / Double(up)
                guard abs(distance) < width else { return 0.0 }
                let angle = Double.pi * cutoff * distance
                let sinc = angle == 0 ? 1 : sin(angle) / angle
                return sinc * (0.5 + 0.5 * cos(.pi * distance / width))
            }
            // Every phase passes a constant unchanged; otherwise it would hum.
            let gain = row.reduce(0, +)
            return row.map { Float($0 / gain) }
        }
    }

    func callAsFunction(_ samples: [Int16]) -> [Int16] {
        (0..<(samples.count * up + down - 1) / down).map { index in
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

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}

extension WAV {
    /// The same sound at another rate.
    func resampled(to rate: Int) -> WAV {
        rate == sampleRate ? self : WAV(sampleRate: rate, samples: Resampler(from: sampleRate, to: rate)(samples))
    }
}
