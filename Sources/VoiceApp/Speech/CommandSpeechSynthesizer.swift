import Sound
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// Speech from a program that writes a WAV file to its standard output. No shell is involved: the text is one argument, or the
/// program's standard input, whatever characters it holds.
public struct CommandSpeechSynthesizer: SpeechSynthesizer {
    /// Stands for the text in ``command``. Without it the text goes to standard input.
    public static let placeholder = "{text}"

    /// espeak-ng, a little slower than it would speak by itself: telephones take the edges off consonants.
    public static let espeak = ["espeak-ng", "--stdout", "-s", "140", "-v", "en-us", "--stdin"]

    /// The program, looked up in `PATH` unless it holds a slash, and its arguments.
    public let command: [String]
    /// How long it may take.
    public let timeout: Duration
    /// How many bytes it may write.
    public let outputLimit: Int
    /// How many UTF-8 bytes of text it is given; 8192 at most.
    public let textLimit: Int

    /// - Parameter command: program and arguments; ``placeholder`` in them stands for the text.
    public init(
        command: [String] = Self.espeak,
        timeout: Duration = .seconds(10),
        outputLimit: Int = 8 << 20,
        textLimit: Int = 4096
    ) {
        self.command = command
        self.timeout = timeout
        self.outputLimit = outputLimit
        self.textLimit = min(textLimit, 8192)
    }

    /// The command: it names engine, voice and settings.
    public var fingerprint: String { command.joined(separator: "\0") }

    /// Runs the program once.
    public func synthesize(_ text: String) async throws -> WAV {
        guard let program = command.first, !program.isEmpty else { throw SpeechError.commandNotFound("\"\"") }
        guard text.utf8.count <= textLimit else {
            throw SpeechError.textTooLong(text.utf8.count, limit: textLimit)
        }
        let bytes = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await run(program, saying: text) }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw SpeechError.timedOut(program, after: timeout)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
        do {
            return try WAV(file: bytes)
        } catch {
            throw SpeechError.notAWAV(error.reason)
        }
    }

    private func run(_ program: String, saying text: String) async throws -> [UInt8] {
        let speaksArgument = command.contains { $0.contains(Self.placeholder) }
        // NUL ends an argument; there is nothing to hear in it either.
        let spoken = text.filter { $0 != "\0" }
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let arguments = Arguments(command.dropFirst().map { $0.replacing(Self.placeholder, with: spoken) })
        do {
            let result = try await Subprocess.run(
                executable,
                arguments: arguments,
                input: .fileDescriptor(
                    try Self.input(holding: speaksArgument ? "" : spoken + "\n"),
                    closeAfterSpawningProcess: true
                ),
                output: .bytes(limit: outputLimit),
                error: .string(limit: 16 << 10)
            )
            guard result.terminationStatus.isSuccess else {
                throw SpeechError.commandFailed(program, detail: "\(result.terminationStatus) \(result.standardError)")
            }
            return result.standardOutput
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            switch error.code {
            case .executableNotFound: throw SpeechError.commandNotFound(program)
            case .outputLimitExceeded: throw SpeechError.outputTooLarge(program, limit: outputLimit)
            default: throw SpeechError.commandFailed(program, detail: "\(error)")
            }
        }
    }

    /// A pipe that holds the whole text and is closed for writing, before the program starts: it is small enough to fit.
    ///
    /// Writing while the program runs would raise SIGPIPE here when the program exits without reading.
    private static func input(holding text: String) throws -> FileDescriptor {
        let pipe = try FileDescriptor.pipe()
        do {
            try pipe.writeEnd.closeAfter { _ = try pipe.writeEnd.writeAll(text.utf8) }
        } catch {
            try? pipe.readEnd.close()
            throw error
        }
        return pipe.readEnd
    }
}
