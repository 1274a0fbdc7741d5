/// Why the edge cannot serve.
package enum EdgeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Kamailio does not accept its script.
    case scriptRejected(path: String, complaints: [String])
    /// Settings that do not fit together.
    case unusableSettings(String)
    /// A file of the run could not be written.
    case fileSystem(path: String, problem: String)

    /// What happened, and what to do about it.
    package var description: String {
        switch self {
        case .scriptRejected(let path, let complaints):
            "Kamailio rejects \(path) (check with: kamailio -c -f \(path)):\n" + complaints.joined(separator: "\n")
        case .unusableSettings(let problem):
            "the edge cannot be started: \(problem)"
        case .fileSystem(let path, let problem):
            "\(path): \(problem)"
        }
    }
}
