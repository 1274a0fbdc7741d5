import Foundation

/// Mono sound of 16-bit samples, and the RIFF file it travels in.
struct WAV: Sendable, Hashable {
    var sampleRate: Int
    var samples: [Int16]

    /// The file: a 44-byte header and the samples.
    var file: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(44 + samples.count * 2)
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        let size = UInt32(samples.count * 2)
        bytes += Array("RIFF".utf8)
        append(36 + size)
        bytes += Array("WAVEfmt ".utf8)
        append(UInt32(16))
        append(UInt16(1))
        append(UInt16(1))
        append(UInt32(sampleRate))
        append(UInt32(sampleRate * 2))
        append(UInt16(2))
        append(UInt16(16))
        bytes += Array("data".utf8)
        append(size)
        for sample in samples { append(sample) }
        return bytes
    }

    /// Reads 16-bit PCM, of several channels the first; nil when the file is anything else.
    init?(file: [UInt8]) {
        func number(_ position: Int, _ count: Int) -> Int {
            guard position + count <= file.count else { return 0 }
            return (0..<count).reduce(0) { $0 | Int(file[position + $1]) << (8 * $1) }
        }
        guard file.count >= 12, file[0..<4].elementsEqual("RIFF".utf8), file[8..<12].elementsEqual("WAVE".utf8) else {
            return nil
        }
        var format: (channels: Int, rate: Int)?
        var position = 12
        while position + 8 <= file.count {
            let start = position + 8
            // A program that writes to a pipe cannot go back and fill in the length.
            let end = min(start + number(position + 4, 4), file.count)
            if file[position..<start].starts(with: "fmt ".utf8) {
                guard number(start, 2) == 1, number(start + 14, 2) == 16, number(start + 2, 2) > 0 else { return nil }
                format = (number(start + 2, 2), number(start + 4, 4))
            } else if file[position..<start].starts(with: "data".utf8), let format, format.rate > 0 {
                sampleRate = format.rate
                samples = stride(from: start, through: end - 2 * format.channels, by: 2 * format.channels).map {
                    Int16(truncatingIfNeeded: number($0, 2))
                }
                return
            }
            position = end + (end - start) % 2
        }
        return nil
    }

    init(sampleRate: Int, samples: [Int16]) {
        self.sampleRate = sampleRate
        self.samples = samples
    }
}

extension WAV {
    init(url: URL) throws(PhoneError) {
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw .audioFile(url, reason: "cannot be read (\(error.localizedDescription))")
        }
        guard let sound = WAV(file: Array(data)) else {
            throw .audioFile(url, reason: "is not a WAV file of 16-bit PCM")
        }
        self = sound
    }

    /// Writes the file, and the folder it lies in.
    func write(to url: URL) throws(PhoneError) {
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(file).write(to: url, options: .atomic)
        } catch {
            throw .audioFile(url, reason: "cannot be written (\(error.localizedDescription))")
        }
    }
}
