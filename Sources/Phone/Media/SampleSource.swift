import Foundation
import Sound

/// What the phone says, twenty milliseconds at a time.
struct SampleSource: Sendable {
    private enum Kind: Sendable {
        case silence
        case tone(step: Double, phase: Double)
        case samples([Int16], position: Int)
    }

    /// Samples per second of telephony.
    static let rate = 8000
    private static let toneAmplitude = 8192.0

    private var kind: Kind

    init(_ source: CallPlan.Source) throws(PhoneError) {
        switch source {
        case .silence: kind = .silence
        case .tone(let hertz): kind = .tone(step: 2 * .pi * hertz / Double(Self.rate), phase: 0)
        case .file(let url): kind = .samples(try WAV(url: url).resampled(to: Self.rate).samples, position: 0)
        }
    }

    mutating func next(_ count: Int) -> [Int16] {
        switch kind {
        case .silence:
            return [Int16](repeating: 0, count: count)
        case .tone(let step, let phase):
            kind = .tone(step: step, phase: (phase + step * Double(count)).truncatingRemainder(dividingBy: 2 * .pi))
            return (0..<count).map { Int16(Self.toneAmplitude * sin(phase + step * Double($0))) }
        case .samples(let samples, let position):
            let part = samples[min(position, samples.count)..<min(position + count, samples.count)]
            kind = .samples(samples, position: position + count)
            return part + [Int16](repeating: 0, count: count - part.count)
        }
    }
}
