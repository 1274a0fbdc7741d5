import ArgumentParser
import LocalFleet

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this machine: toolchain, packages, Asterisk, ports; say what is wrong and how to mend it."
    )
    @OptionGroup var options: FleetOptions
    @Flag(help: "Install what is missing: Debian packages, also those of the built-in phone, and Asterisk's tree.")
    var install = false
    @Option(name: .shortAndLong, help: "text or json.") var output = OutputFormat.text

    func run() async throws {
        let settings = try await options.settings()
        if install {
            let preflight = Preflight(settings: settings, onProgress: printLine)
            _ = try await preflight.prepareEngines()
            try await preflight.prepareCluster()
            try await SpeechPackages.install()
            // Without it everything works but the pages that show the APIs, which say so themselves.
            do { try await preflight.prepareDocumentation() } catch { printLine("Swagger UI is not here: \(error)") }
        }
        let findings = await Examination(settings: settings).findings()
        try output.write(findings) { Examination.table($0) }
        if findings.contains(where: { $0.verdict == .bad }) { throw ExitCode.failure }
    }
}
