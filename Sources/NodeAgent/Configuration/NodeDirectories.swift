import Engines
import Foundation

/// Where a node's Asterisk reads and writes.
struct NodeDirectories {
    let root: URL

    var configuration: URL { root.appending(path: "etc") }
    var logs: URL { root.appending(path: "log") }
    /// What Asterisk prints before its logger runs, and why it could not start.
    var console: URL { logs.appending(path: "console.log") }

    /// Makes them, readable for us alone: secrets are in the configuration.
    func create() throws(EngineError) {
        // Without `spool/recording` every recording fails.
        for path in ["etc", "log", "lib", "run", "cache", "spool/recording", "spool/tmp"] {
            do {
                try FileManager.default.createDirectory(
                    at: root.appending(path: path),
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw .fileSystem(path: root.path, problem: "cannot be made (\(error.localizedDescription))")
            }
        }
    }

    func remove() { try? FileManager.default.removeItem(at: root) }
}
