import Engines
import Foundation
import Operator

/// Looks at this machine: is there what a fleet needs?
package struct Examination: Sendable {
    /// One thing that was looked at.
    package struct Finding: Codable, Sendable, Hashable {
        package enum Verdict: String, Codable, Sendable { case good, bad }

        package var what: String
        package var verdict: Verdict
        /// What was found, or what is wrong and how to mend it.
        package var detail: String
    }

    private let settings: LocalFleetSettings

    package init(settings: LocalFleetSettings) { self.settings = settings }

    /// Everything, in the order in which a start would need it.
    package func findings() async -> [Finding] {
        var findings = [await toolchain()]
        findings.append(await packages())
        findings.append(await asterisk())
        findings.append(await look("consul") { try await consul() })
        findings.append(await look("docs") { documentation() })
        findings.append(await look("kamailio") { try await Self.firstLine("kamailio", ["-v"]) })
        findings.append(
            await look("speech") {
                try await Self.firstLine(settings.speechCommand?.first ?? "espeak-ng", ["--version"])
            }
        )
        findings.append(
            await look("templates") { try ConfigTemplates.locate(explicit: settings.configDirectory).directory.path }
        )
        findings.append(
            await look("ports") {
                if RunDirectory.isInUse(settings.stateDirectory) { return "held by the fleet that runs" }
                try await Preflight(settings: settings, onProgress: { _ in }).checkPorts()
                return "all free"
            }
        )
        return findings
    }

    /// The findings for people.
    package static func table(_ findings: [Finding]) -> TextTable {
        var table = TextTable("CHECK", "", "DETAIL")
        for finding in findings { table.add(finding.what, finding.verdict == .good ? "ok" : "WRONG", finding.detail) }
        return table
    }

    private func look(_ what: String, _ test: () async throws -> String) async -> Finding {
        do {
            return Finding(what: what, verdict: .good, detail: try await test())
        } catch {
            return Finding(what: what, verdict: .bad, detail: "\(error)")
        }
    }

    /// Only needed to build; a machine that got the binary has none.
    private func toolchain() async -> Finding {
        guard Command.find("swift") != nil else {
            return Finding(what: "toolchain", verdict: .good, detail: "no Swift here; needed only to build from source")
        }
        return await look("toolchain") { try await Self.firstLine("swift", ["--version"]) }
    }

    private func packages() async -> Finding {
        await look("packages") {
            let missing = try await DebianPackages().missing(Preflight.packages)
            guard missing.isEmpty else { throw EngineError.needsRoot(packages: missing) }
            return Preflight.packages.joined(separator: ", ")
        }
    }

    private func asterisk() async -> Finding {
        await look("asterisk") {
            let engines = settings.stateDirectory.appending(path: "engines")
            guard let found = try await AsteriskInstallation.find(engines: engines) else {
                throw LocalFleetError.notReady(
                    "no Asterisk 20 or newer is here; `asterism doctor --install` unpacks one"
                )
            }
            return "\(found.version) (\(found.command.last ?? ""))"
        }
    }

    /// Only needed for a fleet of several processes, which is no reason to find a machine wanting.
    private func consul() async throws -> String {
        let engines = settings.stateDirectory.appending(path: "engines")
        guard let found = ConsulInstallation.find(engines: engines) else {
            return "none here; needed only for `--cluster`, and `asterism doctor --install` unpacks one"
        }
        return "\(try await found.version()) (\(found.program))"
    }

    /// Only needed to look at the APIs in a browser.
    private func documentation() -> String {
        let engines = settings.stateDirectory.appending(path: "engines")
        guard let found = SwaggerInstallation.find(engines: engines) else {
            return "no Swagger UI here; needed only for /docs, and `asterism doctor --install` fetches it"
        }
        return "Swagger UI (\(found.files.path))"
    }

    private static func firstLine(_ program: String, _ arguments: [String]) async throws -> String {
        let output = try await Command.output(program, arguments)
        return output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }
}
