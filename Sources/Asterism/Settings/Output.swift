import ArgumentParser
import Foundation
import Operator

/// How a command writes its answer.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// Writes lines at once, also into a pipe.
func printLine(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

extension OutputFormat {
    /// Writes a value as JSON, or as the table made of it.
    func write<Value: Encodable>(_ value: Value, as table: (Value) -> TextTable) throws {
        switch self {
        case .text: for line in table(value).lines { printLine(line) }
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            printLine(String(decoding: try encoder.encode(value), as: UTF8.self))
        }
    }
}
