import Foundation

/// Lines in, lines of JSON out: how a bench or a test drives a part.
enum CommandLines {
    /// What is read before it is looked at.
    private static let limit = 64

    /// The words of each line of standard input, up to its end.
    static func read() -> AsyncStream<[String]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [String].self, bufferingPolicy: .bufferingOldest(limit))
        // Reading blocks, and nothing but the end of the process ends it.
        Thread.detachNewThread {
            while let line = readLine() { continuation.yield(line.split(separator: " ").map(String.init)) }
            continuation.finish()
        }
        return stream
    }

    /// Writes one line.
    static func say(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(value) else { return }
        try? FileHandle.standardOutput.write(contentsOf: line + Data("\n".utf8))
    }
}

/// That something could not be done, and why.
struct SimulatorError: Error, CustomStringConvertible, Encodable {
    var error: String
    var description: String { error }

    init(_ error: String) { self.error = error }
}
