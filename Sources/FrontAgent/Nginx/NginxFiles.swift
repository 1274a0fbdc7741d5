import Engines
import Foundation

/// The folder nginx runs in: configuration, pid, logs and temporary files, all of them ours.
struct NginxFiles: Sendable {
    let directory: URL
    let nginx: String

    /// What nginx is started with.
    var arguments: [String] { ["-p", directory.path + "/", "-e", "error.log", "-c", "nginx.conf"] }

    private var configuration: URL { directory.appending(path: "nginx.conf") }
    private var candidate: URL { directory.appending(path: "nginx.conf.new") }
    private var memory: URL { directory.appending(path: "upstreams.json") }

    /// Makes the folders.
    func prepare() throws(FrontError) {
        let temporary = directory.appending(path: "tmp")
        do {
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        } catch {
            throw .fileSystem(path: temporary.path, problem: "cannot be made (\(error.localizedDescription))")
        }
    }

    /// Puts a configuration in place, if nginx accepts it; if not, the old one stays.
    func replace(with text: String) async throws {
        try write(Data(text.utf8), to: candidate)
        do {
            try await Command.run(
                nginx,
                ["-t", "-q", "-p", directory.path + "/", "-e", "error.log", "-c", "nginx.conf.new"]
            )
        } catch {
            guard case .commandFailed(_, _, let output) = error else { throw error }
            throw FrontError.rejected(path: candidate.path, complaint: output)
        }
        guard rename(candidate.path, configuration.path) == 0 else {
            throw FrontError.fileSystem(path: configuration.path, problem: "cannot be replaced")
        }
    }

    /// The servers known when an earlier run ended, for a start while the registry is away.
    func remembered() -> FrontUpstreams {
        let stored = (try? Data(contentsOf: memory)).flatMap {
            try? JSONDecoder().decode(FrontUpstreams.self, from: $0)
        }
        return stored ?? FrontUpstreams()
    }

    /// Keeps the servers for the next run.
    func remember(_ upstreams: FrontUpstreams) throws {
        try write(try JSONEncoder().encode(upstreams), to: memory)
    }

    private func write(_ data: Data, to file: URL) throws(FrontError) {
        do {
            try data.write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        } catch {
            throw .fileSystem(path: file.path, problem: "cannot be written (\(error.localizedDescription))")
        }
    }
}
