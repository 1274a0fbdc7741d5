import Fleet
import Foundation
import Sound
import Subprocess
import SystemPackage
import Testing

@testable import Phone

/// With the real recogniser and the real voice, through G.711. `asterism doctor --install` brings them.
@Suite("Speech recognition")
struct SpeechRecognizerTests {
    static let stars = Nickname.all

    @Test("every star is told from all others over a telephone line")
    func stars() async throws {
        var line: [Int16] = []
        for star in Self.stars {
            let result = try await Subprocess.run(
                .path("/usr/bin/espeak-ng"),
                arguments: [
                    "--stdout", "-s", "140", "-v", "en-us", "You are connected to the Asterisk called \(star)",
                ],
                output: .bytes(limit: 1 << 20),
                error: .discarded
            )
            let voice = try WAV(file: result.standardOutput).resampled(to: 8000)
            line += voice.samples.map { Codec.pcmu.decode(Codec.pcmu.encode($0)) } + [Int16](repeating: 0, count: 8000)
        }
        let vocabulary = SpeechVocabulary.connected(to: Self.stars)
        let heard = try await SpeechRecognizer().sentences(in: WAV(sampleRate: 8000, samples: line), vocabulary)
        #expect(heard == vocabulary.sentences)
    }

    @Test("tones and silence are no words")
    func noWords() async throws {
        let sound = WAV(
            sampleRate: 8000,
            samples: SoundTests.tone(440, seconds: 2) + [Int16](repeating: 0, count: 8000)
        )
        let heard = try await SpeechRecognizer().sentences(in: sound, .connected(to: ["Vega", "Orion"]))
        #expect(heard.isEmpty)
    }
}
