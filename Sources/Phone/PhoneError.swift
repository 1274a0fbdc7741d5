import Foundation

/// Why a call could not be attempted, or its recording not be understood. A call that was refused is no error: see
/// ``CallReport/status``.
package enum PhoneError: Error, Sendable, CustomStringConvertible {
    /// The number cannot stand in a SIP URI.
    case badNumber(String)
    /// Nothing listens at the edge's address, or the address cannot be reached.
    case edgeUnreachable(edge: String, reason: String)
    /// Sound could not be read from, or written to, a file.
    case audioFile(URL, reason: String)
    /// A program that Debian packages is not installed.
    case missingProgram(String, packages: [String])
    /// The speech recogniser ran and failed.
    case recogniserFailed(String)

    /// What happened, to which thing, and what to do.
    package var description: String {
        switch self {
        case .badNumber(let number):
            "\"\(number)\" is not a number that can be dialled; use digits, letters, + - . _ * #"
        case .edgeUnreachable(let edge, let reason):
            "no SIP server can be reached at \(edge) (\(reason)); is the fleet up? `asterism nodes` tells"
        case .audioFile(let url, let reason):
            "\(url.path): \(reason)"
        case .missingProgram(let name, let packages):
            "\(name) is not installed; `apt-get install \(packages.joined(separator: " "))` brings it"
        case .recogniserFailed(let detail):
            "speech recognition failed: \(detail)"
        }
    }
}
