import Foundation
import Subprocess
import SystemPackage

/// One-shot commands.
package enum Command {
    /// Runs a command to its end, handing over each line of its output (both streams) as it comes.
    /// - Throws: ``EngineError/commandFailed(command:status:output:)`` with the last lines when it ends badly.
    package static func run(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(EngineError) {
        let shown = ([executable] + arguments).joined(separator: " ")
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(3))
        ]
        let variables: [(Environment.Key, String?)] = environment.map { (.init(stringLiteral: $0.key), $0.value) }
        let status: TerminationStatus
        let tail: [String]
        do {
            let result = try await Subprocess.run(
                executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
                arguments: Arguments(arguments),
                environment: .inherit.updating(Dictionary(uniqueKeysWithValues: variables)),
                platformOptions: options,
                input: .none,
                output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                var tail: [String] = []
                for try await line in execution.standardOutput.strings() {
                    let text = line.trimmingCharacters(in: .newlines)
                    guard !text.isEmpty else { continue }
                    tail = tail.suffix(11) + [text]
                    onLine(text)
                }
                return tail
            }
            status = result.terminationStatus
            tail = result.closureResult
        } catch {
            throw .commandFailed(command: shown, status: "could not be run (\(error))", output: "")
        }
        guard status.isSuccess else {
            throw .commandFailed(
                command: shown,
                status: ProcessExit(status).description,
                output: tail.joined(separator: "\n")
            )
        }
    }

    /// What a command prints on standard output.
    package static func output(_ executable: String, _ arguments: [String]) async throws(EngineError) -> String {
        let shown = ([executable] + arguments).joined(separator: " ")
        do {
            let result = try await Subprocess.run(
                executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
                arguments: Arguments(arguments),
                output: .string(limit: 4 << 20),
                error: .discarded
            )
            guard result.terminationStatus.isSuccess else {
                throw EngineError.commandFailed(
                    command: shown,
                    status: ProcessExit(result.terminationStatus).description,
                    output: ""
                )
            }
            return result.standardOutput
        } catch let error as EngineError {
            throw error
        } catch {
            throw .commandFailed(command: shown, status: "could not be run (\(error))", output: "")
        }
    }

    /// The path of a program on `PATH`, or nil.
    package static func find(_ program: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        // Daemons live in sbin, which is not on every user's PATH.
        return (path.split(separator: ":").map(String.init) + ["/usr/local/sbin", "/usr/sbin", "/sbin"])
            .map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
