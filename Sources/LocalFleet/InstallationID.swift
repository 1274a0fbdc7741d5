import Foundation

/// The id of an installation, which events of auth and applicationd carry: made once and kept in the state directory.
enum InstallationID {
    static func of(_ stateDirectory: URL) throws -> String {
        let file = stateDirectory.appending(path: "installation")
        if let text = try? String(contentsOf: file, encoding: .utf8), let known = UUID(uuidString: text) {
            return known.uuidString.lowercased()
        }
        let made = UUID().uuidString.lowercased()
        try made.write(to: file, atomically: true, encoding: .utf8)
        return made
    }
}
