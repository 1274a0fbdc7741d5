import ARI
import Foundation

/// Where a running fleet's own API is, and the key to it: written by `asterism up` into its state directory, readable by the user
/// who started it.
package struct FleetConnection: Codable, Sendable {
    /// Such as `http://127.0.0.1:8088`.
    package var url: String
    package var user: String
    package var password: String
    /// Where phones on the fleet's machine reach the edge, `host:port`; nil if it is not known.
    package var edge: String?

    package init(url: String, user: String, password: String, edge: String? = nil) {
        self.url = url
        self.user = user
        self.password = password
        self.edge = edge
    }

    /// The file in a state directory.
    package static func file(in stateDirectory: URL) -> URL { stateDirectory.appending(path: "run/admin.json") }

    /// Reads what a running fleet has written.
    /// - Throws: ``OperatorError/noFleet(_:)``.
    package init(stateDirectory: URL) throws(OperatorError) {
        let file = Self.file(in: stateDirectory)
        guard let data = try? Data(contentsOf: file) else { throw .noFleet(file.path) }
        do {
            self = try JSONDecoder().decode(Self.self, from: data)
        } catch {
            throw .noFleet("\(file.path): \(error)")
        }
    }

    /// Writes the file for its owner only.
    package func write(in stateDirectory: URL) throws {
        let file = Self.file(in: stateDirectory)
        let data = try JSONEncoder().encode(self)
        // Made private before the secret is in it.
        guard FileManager.default.createFile(atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        try data.write(to: file)
    }
}

/// Why an operator's command failed.
package enum OperatorError: Error, Sendable, CustomStringConvertible {
    /// No fleet runs with this state directory.
    case noFleet(String)
    /// The fleet refused, with its reason.
    case refused(String)
    /// The fleet did not answer.
    case unreachable(String)
    /// It did not happen in time.
    case timedOut(String)

    package var description: String {
        switch self {
        case .noFleet(let file):
            "no running fleet found (\(file)); start one with `asterism up`, or name its --state-dir, or give --url"
        case .refused(let reason): reason
        case .unreachable(let detail): "the fleet does not answer: \(detail)"
        case .timedOut(let what): "gave up waiting: \(what)"
        }
    }

    init(_ error: ARIError) {
        switch error {
        case .refused(401, _, _): self = .refused("the fleet does not accept these credentials")
        case .refused(_, let message, _): self = .refused(message)
        default: self = .unreachable(error.description)
        }
    }
}
