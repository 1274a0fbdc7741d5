import Engines
import Foundation
import Logging
import NIOPosix

@testable import Auth

/// A PostgreSQL of the tests' own, on a socket in a folder of its own. Its programs are those of Debian's package `postgresql`.
struct LivePostgreSQL: Sendable {
    private let folder: URL

    /// A database of its own, empty.
    func makeDatabase() async throws -> AuthDatabase {
        let name = "db" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        let url = url("postgres")
        // It blocks, and the threads of other tests are few.
        try await NIOThreadPool.singleton.runIfActive {
            let connection = try PostgreSQLConnection(url: url)
            try connection.run("CREATE DATABASE \(name)")
        }
        return .postgreSQL(self.url(name))
    }

    private func url(_ database: String) -> String {
        "postgresql://auth@/\(database)?host=\(folder.path.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
    }

    /// Ends the server without ceremony; it is started again a moment later.
    func strike() {
        let file = folder.appending(path: "data/postmaster.pid")
        guard let lines = try? String(contentsOf: file, encoding: .utf8).split(separator: "\n"),
            let pid = lines.first.flatMap({ Int32($0) })
        else { return }
        _ = kill(pid, SIGQUIT)
    }

    /// Runs a server while `body` does.
    static func run(_ body: @Sendable (LivePostgreSQL) async throws -> Void) async throws {
        let programs = try installation()
        let folder = URL(filePath: "/tmp/asterism-pg-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        if getuid() == 0 { try await Command.run("chown", ["postgres:postgres", folder.path]) }
        let data = folder.appending(path: "data").path
        let initialize = asOther([
            programs + "/initdb", "--pgdata", data, "--username", "auth", "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale", "C.UTF-8",
        ])
        try await Command.run(initialize[0], Array(initialize.dropFirst()))
        let start = asOther([
            programs + "/postgres", "-D", data, "-k", folder.path, "-c", "listen_addresses=", "-c", "fsync=off",
        ])
        // Its log is written by us, so it lies where we may write.
        let logs = FileManager.default.temporaryDirectory.appending(path: folder.lastPathComponent + "-log")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: logs) }
        let process = SupervisedProcess(
            ProcessSpecification(
                name: "postgresql",
                executable: start[0],
                arguments: Array(start.dropFirst()),
                log: logs.appending(path: "postgresql.log")
            ),
            ledger: ProcessLedger(directory: logs.appending(path: "processes")),
            logger: Logger(label: "postgresql") { _ in SwiftLogNoOpLogHandler() }
        )
        let live = LivePostgreSQL(folder: folder)
        try await withThrowingTaskGroup { group in
            group.addTask { try await process.supervise() }
            try await live.untilReachable()
            try await body(live)
            group.cancelAll()
        }
    }

    private func untilReachable() async throws {
        for _ in 0..<2000 {
            if (try? PostgreSQLConnection(url: url("postgres"))) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw EngineError.cannotStart(name: "postgresql", problem: "it does not answer")
    }

    /// PostgreSQL refuses to run as root: the package's own user runs it then.
    private static func asOther(_ command: [String]) -> [String] {
        guard getuid() == 0 else { return command }
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
    }

    /// The folder with the programs of the newest version.
    private static func installation() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw EngineError.cannotStart(name: "postgresql", problem: "install it with scripts/packages unit")
        }
        return "\(root)/\(newest)/bin"
    }
}
