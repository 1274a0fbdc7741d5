import ArgumentParser
import Fleet
import Foundation
import Operator
import Phone

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Dial a number with the built-in phone, record, and say what was heard.",
        discussion: """
            Exits with 0 only if the call was answered. Words are recognised if they are "You are connected to the Asterisk called \
            NAME" with the name of a node, or one of the sentences given by --expect.
            """
    )

    @OptionGroup var phone: PhoneOptions
    @Argument(help: "The number, or a subscriber's name.") var number: String
    @Option(help: "Seconds to stay on the line, at most. (default: until one sentence was heard, 10 at most)")
    var duration: Double?
    @Option(help: "Send a tone of this frequency in hertz.") var tone: Double?
    @Option(help: "Send this WAV file.") var play: String?
    @Option(help: "Digits to press one second after the answer.") var digits = ""
    @Option(help: "Where the recording goes. (default: call-NUMBER.wav in the temporary folder)") var recording: String?
    @Option(help: "A sentence that may be said; may be given several times.") var expect: [String] = []
    @Option(parsing: .upToNextOption, help: "Frequencies to measure in what was heard.") var listenFor: [Double] = []
    @Flag(inversion: .prefixedNo, help: "Try to understand words.") var words = true
    @Flag(help: "Register for the time of the call.") var register = false
    @Option(name: .shortAndLong, help: "text or json.") var output = OutputFormat.text

    func run() async throws {
        let source = try await SettingsSource(file: nil)
        try Logs.start(level: source.string("log-level"), format: source.value("log-format"))
        let fleet = phone.fleet(source)
        let account = try phone.account(source, fleet: fleet)
        if words { try await SpeechPackages.install() }
        let report = try await Phone(account: account).call(try await plan(fleet))
        try write(report)
        if !report.wasAnswered { throw ExitCode.failure }
    }

    private func plan(_ fleet: FleetConnection?) async throws -> CallPlan {
        let file = recording ?? FileManager.default.temporaryDirectory.appending(path: "call-\(number).wav").path
        var plan = CallPlan(number: number, recording: URL(filePath: file).absoluteURL)
        plan.end = duration.map { .after(.seconds($0)) } ?? .afterPhrases(1, atMost: .seconds(10))
        if let tone { plan.source = .tone(hertz: tone) }
        if let play { plan.source = .file(URL(filePath: play).absoluteURL) }
        plan.dtmf = digits
        plan.register = register
        plan.tones = listenFor
        if words {
            plan.speech = expect.isEmpty ? .connected(to: await nicknames(fleet)) : SpeechVocabulary(sentences: expect)
        }
        return plan
    }

    /// Those of the fleet's nodes; when it cannot be asked, all there are.
    private func nicknames(_ fleet: FleetConnection?) async -> [String] {
        guard let fleet, let nodes = try? await FleetClient(fleet).nodes(), !nodes.isEmpty else { return Nickname.all }
        return nodes.map(\.nickname)
    }

    private func write(_ report: CallReport) throws {
        guard output == .text else { return try output.write(report) { _ in TextTable() } }
        guard report.wasAnswered else { return printLine("not answered: \(report.status) \(report.reason)") }
        let time = report.timeToAnswer.map { " in \(Int(($0 * 1000).rounded())) ms" } ?? ""
        printLine(
            "answered\(time), \(report.codec ?? "no sound"), \(report.packetsReceived) packets, \(report.packetsLost) lost"
        )
        for sentence in report.words ?? [] { printLine("heard \"\(sentence)\"") }
        if words, report.words == nil { printLine("heard no words that it knows") }
        for tone in report.tones {
            printLine("\(Int(tone.hertz)) Hz: \(tone.isHeard ? "heard" : "not heard") (\(Int(tone.decibels)) dB)")
        }
        if let file = report.recording { printLine("recorded in \(file)") }
    }
}
