import Foundation
import Sound
import Subprocess
import SystemPackage

/// Tells which of some sentences were said, with CMU Sphinx (Debian packages `pocketsphinx` and `pocketsphinx-en-us`).
///
/// It runs `pocketsphinx_batch`: that looks at a whole phrase before it normalises it, while `pocketsphinx_continuous` starts from
/// a studio's average and fails on the first seconds of a telephone line.
package struct SpeechRecognizer: Sendable {
    private let program: String
    private let model: URL

    /// Where Debian puts the American English model.
    package static let debianModel = URL(filePath: "/usr/share/pocketsphinx/model/en-us")
    private static let packages = ["pocketsphinx", "pocketsphinx-en-us"]
    private static let rate = 16_000

    /// A recogniser with other than Debian's program or model.
    package init(program: String = "/usr/bin/pocketsphinx_batch", model: URL = Self.debianModel) {
        self.program = program
        self.model = model
    }

    /// Makes sure that recognition can work, before a call is made for it.
    package func check(_ vocabulary: SpeechVocabulary) throws(PhoneError) {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw .missingProgram(program, packages: Self.packages)
        }
        _ = try dictionary(vocabulary)
    }

    /// The sentences said in a recording, in order; phrases that fit none are left out.
    package func sentences(in recording: URL, _ vocabulary: SpeechVocabulary) async throws(PhoneError) -> [String] {
        try await sentences(in: try WAV(url: recording), vocabulary)
    }

    func sentences(in sound: WAV, _ vocabulary: SpeechVocabulary) async throws(PhoneError) -> [String] {
        let dictionary = try dictionary(vocabulary)
        let phrases = PhraseSplitter.phrases(in: sound)
        guard !phrases.isEmpty else { return [] }
        let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-speech-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var names: [String] = []
        for (index, phrase) in phrases.enumerated() {
            names.append("phrase\(index)")
            let wide = WAV(sampleRate: sound.sampleRate, samples: Array(phrase)).resampled(to: Self.rate)
            try WAV(sampleRate: Self.rate, samples: Self.withRoomNoise(wide.samples))
                .write(to: folder.appending(path: "phrase\(index).wav"))
        }
        do {
            try write(names.joined(separator: "\n") + "\n", to: "list", in: folder)
            try write(vocabulary.grammar, to: "grammar", in: folder)
            try write(dictionary.joined(separator: "\n") + "\n", to: "dictionary", in: folder)
            try await run(in: folder)
            let result = try String(contentsOf: folder.appending(path: "result"), encoding: .utf8)
            return Self.hypotheses(in: result).filter(vocabulary.sentences.contains)
        } catch {
            throw error as? PhoneError ?? .recogniserFailed("\(error)")
        }
    }

    /// The lines `you are ... (phrase0 -1234)`, without what is in parentheses.
    static func hypotheses(in result: String) -> [String] {
        result.split(whereSeparator: \.isNewline)
            .map { SIPFields.trimmed($0.prefix { $0 != "(" }) }
            .filter { !$0.isEmpty }
    }

    private func run(in folder: URL) async throws {
        func path(_ name: String) -> String { folder.appending(path: name).path }
        // Beams as wide as they go: a synthetic voice is unlike the people whom the model was trained on, and the grammar is small.
        let arguments = [
            "-adcin", "yes", "-cepdir", folder.path, "-cepext", ".wav", "-ctl", path("list"), "-hyp", path("result"),
            "-hmm", model.appending(path: "en-us").path, "-dict", path("dictionary"), "-jsgf", path("grammar"),
            "-cmn", "batch", "-beam", "1e-150", "-wbeam", "1e-100", "-pbeam", "1e-150",
        ]
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(arguments),
            output: .discarded,
            error: .string(limit: 4 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            let log = result.standardError.split(whereSeparator: \.isNewline)
            let cause = log.last { $0.hasPrefix("ERROR") || $0.hasPrefix("FATAL") } ?? log.last ?? "no message"
            throw PhoneError.recogniserFailed("\(program): \(result.terminationStatus), \(cause)")
        }
    }

    private func write(_ text: String, to name: String, in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    private func dictionary(_ vocabulary: SpeechVocabulary) throws(PhoneError) -> [String] {
        let file = model.appending(path: "cmudict-en-us.dict")
        let text: String
        do { text = try String(contentsOf: file, encoding: .utf8) } catch {
            throw .missingProgram(file.path, packages: Self.packages)
        }
        let (lines, missing) = vocabulary.dictionary(from: CMUDictionary.entries(in: text, for: Set(vocabulary.words)))
        guard missing.isEmpty else {
            throw .recogniserFailed("nobody knows how to pronounce \(missing.joined(separator: ", "))")
        }
        return lines
    }

    /// Adds noise too soft to hear. A telephone carries nothing above 4 kHz, and the recogniser takes the logarithm of that nothing.
    private static func withRoomNoise(_ samples: [Int16]) -> [Int16] {
        var generator = SplitMix(state: 1)
        return samples.map { sample in
            let noise = Int(generator.next() % 107) - 53
            return Int16(clamping: Int(sample) + noise)
        }
    }
}

/// Always the same noise, so that the same recording is always understood in the same way.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
