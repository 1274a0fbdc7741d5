import Crypto
import Sound

/// Sounds by content: a text is synthesized once, however many calls want to say it at the same time.
///
/// The key is the SHA-256 of synthesizer, format and text. It cannot be guessed without knowing the text, and only what was asked
/// for is here, so keys may serve as public names.
public actor SpeechCache {
    /// A SHA-256 digest as 64 hexadecimal digits.
    public typealias Key = String

    /// What telephony wants: 8 kHz.
    public static let sampleRate = 8000

    private struct Entry {
        let file: [UInt8]
        var lastUse: UInt64
    }

    private let synthesizer: any SpeechSynthesizer
    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var inFlight: [Key: Task<[UInt8], any Error>] = [:]
    private var clock: UInt64 = 0
    /// Bytes of sound held now.
    public private(set) var size = 0

    /// - Parameter limit: bytes of sound to hold; beyond it, what was used longest ago goes.
    public init(synthesizer: any SpeechSynthesizer, limit: Int = 64 << 20) {
        self.synthesizer = synthesizer
        self.limit = limit
    }

    /// The key of a text, said or not.
    public nonisolated func key(of text: String) -> Key {
        let content = [synthesizer.fingerprint, "wav s16 \(Self.sampleRate)", text].joined(separator: "\0\0")
        return SHA256.hash(data: Array(content.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// Makes sure that a text can be heard.
    /// - Throws: what the synthesizer throws; ``SpeechError/cacheTooSmall(needs:limit:)``.
    public func prepare(_ text: String) async throws -> Key {
        let key = key(of: text)
        if sound(key) != nil { return key }
        // A task of its own: the synthesis belongs to all who wait for it, so it outlives the one who asked first and hung up.
        let synthesis =
            inFlight[key]
            ?? Task { [synthesizer] in try await synthesizer.synthesize(text).resampled(to: Self.sampleRate).file }
        inFlight[key] = synthesis
        defer { if inFlight[key] == synthesis { inFlight[key] = nil } }
        let file = try await synthesis.value
        try keep(file, key)
        return key
    }

    /// The file of a sound that was prepared and is still here.
    public func sound(_ key: Key) -> [UInt8]? {
        clock += 1
        entries[key]?.lastUse = clock
        return entries[key]?.file
    }

    private func keep(_ file: [UInt8], _ key: Key) throws(SpeechError) {
        guard entries[key] == nil else { return }
        guard file.count <= limit else { throw .cacheTooSmall(needs: file.count, limit: limit) }
        while size + file.count > limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            size -= oldest.value.file.count
        }
        clock += 1
        entries[key] = Entry(file: file, lastUse: clock)
        size += file.count
    }
}
