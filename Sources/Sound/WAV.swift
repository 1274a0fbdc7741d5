/// Mono sound of 16-bit samples, and the RIFF file it travels in.
public struct WAV: Sendable, Hashable {
    /// Samples per second.
    public var sampleRate: Int
    /// From -32768 to 32767.
    public var samples: [Int16]

    /// Sound from samples.
    public init(sampleRate: Int, samples: [Int16]) {
        self.sampleRate = sampleRate
        self.samples = samples
    }

    /// How long it sounds.
    public var duration: Duration { .seconds(Double(samples.count) / Double(max(1, sampleRate))) }
}

/// Why bytes are not a sound file that can be used.
public struct WAVError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with them.
    public let reason: String
    /// The reason, for people.
    public var description: String { "not a usable WAV file: \(reason)" }

    init(_ reason: String) { self.reason = reason }
}

/// The file format.
extension WAV {
    private static let headerSize = 44
    private static let pcm = 1

    /// The file: a 44-byte header and the samples.
    public var file: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerSize + samples.count * 2)
        func append(_ text: String) { bytes += Array(text.utf8) }
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        let size = UInt32(samples.count * 2)
        append("RIFF")
        append(UInt32(Self.headerSize - 8) + size)
        append("WAVEfmt ")
        append(UInt32(16))
        append(UInt16(Self.pcm))
        append(UInt16(1))
        append(UInt32(sampleRate))
        append(UInt32(sampleRate * 2))
        append(UInt16(2))
        append(UInt16(16))
        append("data")
        append(size)
        for sample in samples { append(sample) }
        return bytes
    }

    /// Reads 16-bit PCM; several channels become one.
    ///
    /// A data chunk that claims to be longer than the file ends with the file: a program that writes to a pipe cannot go back
    /// and fill in the length.
    /// - Throws: ``WAVError``.
    public init(file: [UInt8]) throws(WAVError) {
        let bytes = file[...]
        guard bytes.text(at: 0, count: 4) == "RIFF", bytes.text(at: 8, count: 4) == "WAVE" else {
            throw WAVError("it does not begin with a RIFF header")
        }
        var format: (channels: Int, rate: Int)?
        var position = 12
        while let name = bytes.text(at: position, count: 4), let claimed = bytes.integer(UInt32.self, at: position + 4)
        {
            let start = position + 8
            let end = min(start + Int(claimed), file.count)
            if name == "fmt " {
                format = try Self.format(bytes[start..<end])
            } else if name == "data" {
                guard let format else { throw WAVError("its data come before its format") }
                self.init(sampleRate: format.rate, samples: Self.mono(bytes[start..<end], channels: format.channels))
                return
            }
            // Chunks begin at even positions.
            position = end + Int(claimed & 1)
        }
        throw WAVError("it holds no data")
    }

    private static func format(_ chunk: ArraySlice<UInt8>) throws(WAVError) -> (channels: Int, rate: Int) {
        let start = chunk.startIndex
        guard let kind = chunk.integer(UInt16.self, at: start),
            let channels = chunk.integer(UInt16.self, at: start + 2),
            let rate = chunk.integer(UInt32.self, at: start + 4), let bits = chunk.integer(UInt16.self, at: start + 14)
        else { throw WAVError("its format is cut off") }
        guard Int(kind) == pcm, bits == 16, (1...8).contains(channels), (4_000...192_000).contains(rate) else {
            throw WAVError("kind \(kind), \(bits) bits, \(channels) channels, \(rate) Hz; 16-bit PCM is needed")
        }
        return (Int(channels), Int(rate))
    }

    private static func mono(_ data: ArraySlice<UInt8>, channels: Int) -> [Int16] {
        let size = channels * 2
        return (0..<data.count / size).map { frame in
            let sum = (0..<channels).reduce(0) { sum, channel in
                sum + Int(data.integer(Int16.self, at: data.startIndex + frame * size + channel * 2) ?? 0)
            }
            return Int16(clamping: sum / channels)
        }
    }
}

extension ArraySlice<UInt8> {
    /// A little-endian integer; nil beyond the end.
    fileprivate func integer<Value: FixedWidthInteger>(_: Value.Type, at position: Int) -> Value? {
        let size = Value.bitWidth / 8
        guard position >= startIndex, position + size <= endIndex else { return nil }
        return (0..<size).reduce(Value.zero) { $0 | Value(truncatingIfNeeded: self[position + $1]) << ($1 * 8) }
    }

    fileprivate func text(at position: Int, count: Int) -> String? {
        guard position >= startIndex, position + count <= endIndex else { return nil }
        return String(decoding: self[position..<position + count], as: UTF8.self)
    }
}
