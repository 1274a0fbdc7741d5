import Foundation
import Sound
import Testing

@testable import Phone

@Suite("Listening")
struct SoundTests {
    static func tone(_ hertz: Double, amplitude: Double = 8192, seconds: Double = 1, rate: Int = 8000) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map { Int16(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
    }

    @Test("levels of tones", arguments: [(440.0, -12.0), (660.0, -32.0), (1000.0, -120.0)])
    func levels(_ hertz: Double, _ expected: Double) throws {
        let mixed = zip(Self.tone(440), Self.tone(660, amplitude: 819)).map { $0 + $1 }
        let level = try #require(ToneDetector(samples: mixed).levels(of: [hertz]).first)
        if expected > -100 { #expect(abs(level.decibels - expected) < 0.2) } else { #expect(!level.isHeard) }
    }

    @Test("only the part asked for is measured")
    func range() {
        let detector = ToneDetector(samples: Self.tone(440) + [Int16](repeating: 0, count: 8000))
        #expect(detector.levels(of: [440], in: 0..<1)[0].isHeard)
        #expect(!detector.levels(of: [440], in: 1..<2)[0].isHeard)
        #expect(!detector.levels(of: [440], in: 5..<6)[0].isHeard)
    }

    @Test(
        "a tone keeps its frequency and level at another rate",
        arguments: [(8000, 16_000), (22_050, 8000), (48_000, 8000)]
    )
    func resamples(_ from: Int, _ to: Int) {
        let sound = WAV(sampleRate: from, samples: Self.tone(1000, rate: from)).resampled(to: to)
        #expect(abs(sound.samples.count - to) <= 1)
        let levels = ToneDetector(samples: sound.samples, sampleRate: to).levels(of: [1000, 3000])
        #expect(abs(levels[0].decibels + 12) < 0.3)
        #expect(levels[1].decibels < -50)
    }

    @Test("a phrase that the recording cuts off is not taken for a whole one")
    func splits() {
        let pause = [Int16](repeating: 0, count: 8000)
        let sound = WAV(sampleRate: 8000, samples: pause + Self.tone(440) + pause + Self.tone(440))
        #expect(PhraseSplitter.phrases(in: sound).count == 1)
        #expect(PhraseSplitter.phrases(in: sound, wholeOnly: false).count == 2)
    }

    @Test("grammar and dictionary of a vocabulary")
    func vocabulary() {
        let vocabulary = SpeechVocabulary(
            sentences: ["Called Vega!", "called Mira two"],
            pronunciations: ["vega": ["V IY G AH"]]
        )
        #expect(vocabulary.grammar.contains("public <sentence> = called vega | called mira two;"))
        let known = CMUDictionary.entries(
            in: "called K AO L D\nmira M IH R AH\ntwo T UW\nvega V EY G AH\nvega(2) V EH G AH\nvegas X\n",
            for: Set(vocabulary.words)
        )
        let (lines, missing) = vocabulary.dictionary(from: known)
        #expect(
            lines == [
                "called K AO L D", "mira M IH R AH", "two T UW", "vega V EY G AH", "vega(2) V EH G AH",
                "vega(3) V IY G AH",
            ]
        )
        #expect(missing.isEmpty)
        #expect(vocabulary.dictionary(from: [:]).missing == ["called", "mira", "two"])
    }

    @Test("the recogniser's result file")
    func hypotheses() {
        #expect(SpeechRecognizer.hypotheses(in: "you are here (phrase0 -123)\n(phrase1 -5)\n") == ["you are here"])
    }

    @Test("a missing recogniser names the packages that bring it")
    func missing() {
        let recognizer = SpeechRecognizer(program: "/nonexistent/pocketsphinx_batch")
        let error = #expect(throws: PhoneError.self) { try recognizer.check(.connected(to: ["Vega"])) }
        #expect(error?.description.contains("apt-get install pocketsphinx pocketsphinx-en-us") == true)
    }

    @Test(
        "only what can stand in a SIP URI is dialled",
        arguments: [("8001", true), ("*98#", true), ("a b", false), ("", false), ("x@y", false), ("1;lr", false)]
    )
    func numbers(_ number: String, _ isGood: Bool) { #expect(Phone.canDial(number) == isGood) }
}
