import Sound

/// Turns text into sound.
public protocol SpeechSynthesizer: Sendable {
    /// Whatever, besides the text, decides how it sounds: the engine, its voice, its settings. Part of the key under which
    /// ``SpeechCache`` keeps the result, so two synthesizers that sound different must not share it.
    var fingerprint: String { get }
    /// Speaks a text. The result may have any sample rate.
    /// - Throws: ``SpeechError``, or `CancellationError`.
    func synthesize(_ text: String) async throws -> WAV
}

/// Why nothing can be said.
public enum SpeechError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The program that speaks is not there.
    case commandNotFound(String)
    /// It ended with an error.
    case commandFailed(String, detail: String)
    /// It took longer than it may.
    case timedOut(String, after: Duration)
    /// It wrote more than it may.
    case outputTooLarge(String, limit: Int)
    /// The text is longer than may be spoken at once, in UTF-8 bytes.
    case textTooLong(Int, limit: Int)
    /// What it wrote is not a sound file that can be used.
    case notAWAV(String)
    /// The cache holds less than this one sound needs.
    case cacheTooSmall(needs: Int, limit: Int)
    /// Sounds have no address yet, or no longer: the ``SoundServer`` does not run.
    case notServing

    /// What happened, and to which program.
    public var description: String {
        switch self {
        case .commandNotFound(let name): "the speech command \(name) is not installed; install it or name another"
        case .commandFailed(let name, let detail): "the speech command \(name) failed: \(detail)"
        case .timedOut(let name, let limit): "the speech command \(name) did not finish within \(limit)"
        case .outputTooLarge(let name, let limit): "the speech command \(name) wrote more than \(limit) bytes"
        case .textTooLong(let size, let limit): "a text of \(size) bytes cannot be said at once; the limit is \(limit)"
        case .notAWAV(let detail): "the speech is not a usable WAV file: \(detail)"
        case .cacheTooSmall(let needs, let limit): "a sound of \(needs) bytes does not fit the speech cache of \(limit)"
        case .notServing: "synthesized sound is not being served; run the SoundServer"
        }
    }
}
