import Foundation
import Sound
import Testing

@Suite("Resampler")
struct ResamplerTests {
    static func tone(_ frequency: Double, at rate: Int, seconds: Double = 0.5) -> [Int16] {
        (0..<Int(Double(rate) * seconds)).map { Int16(10_000 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
    }

    /// Root mean square away from the edges, where the filter sees silence beyond the sound.
    static func level(_ samples: [Int16]) -> Double {
        let middle = samples.dropFirst(samples.count / 4).prefix(samples.count / 2)
        return (middle.reduce(0) { $0 + Double($1) * Double($1) } / Double(middle.count)).squareRoot()
    }

    @Test(
        "what telephony carries passes unchanged",
        arguments: [300.0, 1000, 2500, 3300],
        [16_000, 22_050, 44_100, 48_000]
    )
    func passband(frequency: Double, rate: Int) {
        let resampled = Resampler(from: rate, to: 8000)(Self.tone(frequency, at: rate))
        let expected = Self.tone(frequency, at: 8000)
        #expect(resampled.count == expected.count)
        let middle = expected.count / 4..<expected.count * 3 / 4
        let difference = middle.map { abs(Int(resampled[$0]) - Int(expected[$0])) }.max() ?? .max
        #expect(difference < 150, "largest difference of a wave of amplitude 10000")
    }

    @Test("what is above half the new rate is removed, not folded back", arguments: [4500.0, 5000, 7000, 10_000])
    func stopband(frequency: Double) {
        let input = Self.tone(frequency, at: 22_050)
        let output = Resampler(from: 22_050, to: 8000)(input)
        #expect(Self.level(output) < Self.level(input) / 300)
    }

    @Test("a lower rate is raised")
    func upsampling() {
        let output = Resampler(from: 8000, to: 16_000)(Self.tone(1000, at: 8000))
        #expect(output.count == 8000)
        #expect(abs(Self.level(output) - Self.level(Self.tone(1000, at: 16_000))) < 50)
    }

    @Test("a constant stays one, and full scale does not wrap")
    func gain() {
        let output = Resampler(from: 22_050, to: 8000)(Array(repeating: 32_767, count: 4410))
        #expect(output[400..<1200].allSatisfy { $0 >= 32_700 })
    }

    @Test("nothing, and next to nothing", arguments: [0, 1, 2, 5])
    func short(count: Int) {
        let output = Resampler(from: 22_050, to: 8000)(Array(repeating: 100, count: count))
        #expect(output.count == (count * 160 + 440) / 441)
    }
}
