import Foundation

/// A Consul to run: that of the host, or the one unpacked from Debian beside Asterisk's tree.
///
/// Consul is a single program that needs the host's C library only, so that of an older release runs here as it is.
package struct ConsulInstallation: Sendable, Hashable {
    /// The Debian release that carries it.
    static let suite = "bullseye"

    /// The program.
    package var program: String

    package init(program: String) { self.program = program }

    /// The Consul on `PATH`, else the one unpacked in `engines`, or nil.
    /// - Parameter engines: the folder `engines` of the state directory.
    package static func find(engines: URL) -> ConsulInstallation? {
        let candidates = [Command.find("consul") ?? "", unpacked(in: engines).path]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }.map(ConsulInstallation.init)
    }

    /// What `consul version` says, such as `Consul v1.8.7`.
    package func version() async throws(EngineError) -> String {
        let lines = try await Command.output(program, ["version"]).split(whereSeparator: \.isNewline)
        return lines.first.map(String.init) ?? ""
    }

    /// Takes the program out of Debian's package into `engines`; mmdebstrap checks the signatures.
    /// - Parameter onProgress: gets a short line for each step.
    package static func unpack(
        engines: URL,
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(EngineError) -> ConsulInstallation {
        guard let mmdebstrap = Command.find("mmdebstrap") else {
            throw .programNotFound("mmdebstrap", package: "mmdebstrap")
        }
        let files = FileManager.default
        let program = unpacked(in: engines)
        // Two that unpack at once must not meet in one folder.
        let partial = engines.appending(path: "consul.partial-\(UUID().uuidString.prefix(8))")
        defer { try? files.removeItem(at: partial) }
        try make(engines)
        try await Command.run(
            mmdebstrap,
            [
                "--variant=extract", "--aptopt=Acquire::Check-Valid-Until \"false\"", "--include=consul", suite,
                partial.path,
            ],
            onLine: { line in if line.hasPrefix("I: ") { onProgress(String(line.dropFirst(3))) } }
        )
        try make(program.deletingLastPathComponent())
        // Renaming replaces at once what another run may have put there.
        guard rename(partial.appending(path: "usr/bin/consul").path, program.path) == 0 else {
            throw .fileSystem(
                path: program.path,
                problem: "consul cannot be put there (\(String(cString: strerror(errno))))"
            )
        }
        return ConsulInstallation(program: program.path)
    }

    private static func unpacked(in engines: URL) -> URL { engines.appending(path: "consul-1.8/consul") }

    private static func make(_ folder: URL) throws(EngineError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .fileSystem(path: folder.path, problem: "\(error.localizedDescription)")
        }
    }
}
