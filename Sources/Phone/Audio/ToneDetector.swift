import Foundation
import Sound

/// Measures how loud given frequencies are in a recording, by Goertzel's algorithm over blocks of 100 ms: a jump of phase, where
/// packets were lost or a call was joined, costs one block and not the whole measurement.
package struct ToneDetector: Sendable {
    private let samples: [Int16]
    private let sampleRate: Int

    /// - Parameter samples: 16-bit mono.
    package init(samples: [Int16], sampleRate: Int = 8000) {
        self.samples = samples
        self.sampleRate = sampleRate
    }

    /// Reads a WAV file.
    package init(recording: URL) throws(PhoneError) {
        let sound = try WAV(url: recording)
        self.init(samples: sound.samples, sampleRate: sound.sampleRate)
    }

    /// The levels of some frequencies, in decibels relative to a full-scale sine.
    /// - Parameter range: which part of the recording, in seconds.
    package func levels(of frequencies: [Double], in range: Range<Double>? = nil) -> [ToneLevel] {
        let part = range.map { samples[index($0.lowerBound)..<index($0.upperBound)] } ?? samples[...]
        return frequencies.map { ToneLevel(hertz: $0, decibels: level(of: $0, in: part)) }
    }

    private func index(_ seconds: Double) -> Int { max(0, min(samples.count, Int(seconds * Double(sampleRate)))) }

    private func level(of hertz: Double, in part: ArraySlice<Int16>) -> Double {
        let size = sampleRate / 10
        let starts = stride(from: part.startIndex, through: part.endIndex - size, by: size)
        let powers = starts.map { power(of: hertz, in: part[$0..<($0 + size)]) }
        guard !powers.isEmpty else { return Self.silence }
        let mean = powers.reduce(0, +) / Double(powers.count)
        return max(Self.silence, 10 * log10(mean / (32768 * 32768)))
    }

    /// The squared amplitude of one frequency, under a Hann window: a loud neighbour does not leak into it.
    private func power(of hertz: Double, in block: ArraySlice<Int16>) -> Double {
        let step = 2 * Double.pi * hertz / Double(sampleRate)
        let coefficient = 2 * cos(step)
        var (last, beforeLast) = (0.0, 0.0)
        for (position, sample) in block.enumerated() {
            let window = 0.5 - 0.5 * cos(2 * .pi * Double(position) / Double(block.count))
            (last, beforeLast) = (Double(sample) * window + coefficient * last - beforeLast, last)
        }
        let squared = last * last + beforeLast * beforeLast - coefficient * last * beforeLast
        // The window halves the amplitude, and so does the split into two frequencies of opposite sign.
        let scale = 4.0 / Double(block.count)
        return squared * scale * scale
    }

    private static let silence = -120.0
}
