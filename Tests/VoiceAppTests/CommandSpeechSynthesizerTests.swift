import Sound
import Testing

@testable import VoiceApp

@Suite("Speech by command")
struct CommandSpeechSynthesizerTests {
    @Test("espeak-ng speaks; longer texts take longer")
    func espeak() async throws {
        let synthesizer = CommandSpeechSynthesizer()
        let short = try await synthesizer.synthesize("Hello")
        let long = try await synthesizer.synthesize("You are connected to the Asterisk called Aurora")
        #expect(short.duration > .milliseconds(200))
        #expect(long.duration > short.duration * 2)
        #expect((long.samples.map { abs(Int($0)) }.max() ?? 0) > 3000)
        #expect(long.resampled(to: 8000).duration > .seconds(1.5))
    }

    @Test(
        "no character of the text means anything to a shell or to the program",
        arguments: ["$(touch /tmp/owned)", "; exit 1", "-f /etc/passwd", "\"", "`id`", "--version", "a\0b"]
    )
    func hostileText(text: String) async throws {
        let sound = try await CommandSpeechSynthesizer().synthesize(text)
        #expect(sound.duration > .milliseconds(50))
    }

    @Test("the text may be an argument")
    func placeholder() async throws {
        let command = ["espeak-ng", "--stdout", "--", CommandSpeechSynthesizer.placeholder]
        let sound = try await CommandSpeechSynthesizer(command: command).synthesize("-hello there")
        #expect(sound.duration > .milliseconds(200))
    }

    @Test("a program that is missing is named")
    func missing() async {
        await #expect(throws: SpeechError.commandNotFound("no-such-voice")) {
            try await CommandSpeechSynthesizer(command: ["no-such-voice"]).synthesize("hello")
        }
    }

    @Test("a program that fails says why")
    func failing() async {
        let error = await #expect(throws: SpeechError.self) {
            try await CommandSpeechSynthesizer(command: ["ls", "/no/such/place"]).synthesize("hello")
        }
        guard case .commandFailed("ls", let detail) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(detail.contains("/no/such/place"))
    }

    @Test("a program that exits without reading the text is an error, time and again")
    func deafProgram() async {
        for _ in 0..<20 {
            await #expect(throws: SpeechError.notAWAV("it does not begin with a RIFF header")) {
                try await CommandSpeechSynthesizer(command: ["true"]).synthesize(String(repeating: "a", count: 4000))
            }
        }
    }

    @Test("a program that hangs is ended")
    func hanging() async {
        let start = ContinuousClock.now
        let synthesizer = CommandSpeechSynthesizer(command: ["sleep", "60"], timeout: .milliseconds(200))
        await #expect(throws: SpeechError.timedOut("sleep", after: .milliseconds(200))) {
            try await synthesizer.synthesize("hello")
        }
        // Long before the program itself would end; how soon, other tests on the machine decide too.
        #expect(ContinuousClock.now - start < .seconds(40))
    }

    @Test("a program that never stops writing is ended")
    func flooding() async {
        let synthesizer = CommandSpeechSynthesizer(command: ["yes"], outputLimit: 10_000)
        await #expect(throws: SpeechError.outputTooLarge("yes", limit: 10_000)) {
            try await synthesizer.synthesize("hello")
        }
    }

    @Test("a text that is too long is refused before anything runs")
    func tooLong() async {
        await #expect(throws: SpeechError.textTooLong(5000, limit: 4096)) {
            try await CommandSpeechSynthesizer().synthesize(String(repeating: "a", count: 5000))
        }
    }

    @Test("what is not sound is refused")
    func notSound() async {
        await #expect(throws: SpeechError.notAWAV("it does not begin with a RIFF header")) {
            try await CommandSpeechSynthesizer(command: ["echo", "hello"]).synthesize("hello")
        }
    }
}
