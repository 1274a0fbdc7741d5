import Foundation

/// Asterisk 22 LTS and the libraries it needs, unpacked from Debian into a folder of its own and run in place.
///
/// Nothing is installed: the host's libraries and packages stay as they are.
package struct AsteriskTree: Sendable, Hashable {
    /// The Debian release that carries it.
    static let suite = "forky"
    static let packages = ["asterisk", "asterisk-core-sounds-en-gsm", "asterisk-moh-opsound-gsm"]

    /// The root of the tree.
    package let directory: URL

    /// - Parameter engines: the folder `engines` of the state directory.
    package init(engines: URL) {
        directory = engines.appending(path: "asterisk-22")
    }

    /// Whether the tree was unpacked to its end: the marker is written last.
    package var isComplete: Bool { FileManager.default.fileExists(atPath: marker.path) }

    /// How to run it.
    package func installation() async throws(EngineError) -> AsteriskInstallation {
        guard isComplete else {
            throw .unusableAsterisk(
                path: directory.path,
                problem: "it is not completely unpacked; remove it and start again"
            )
        }
        guard let loader = first(of: ["usr/lib64/ld-linux-x86-64.so.2", "usr/lib/ld-linux-aarch64.so.1"]),
            let libraries = first(of: ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"])
        else {
            throw .unusableAsterisk(
                path: directory.path,
                problem: "it has no dynamic loader; remove it and start again"
            )
        }
        let program = directory.appending(path: "usr/sbin/asterisk").path
        let command = [loader.path, "--library-path", libraries.path, program]
        let answer = try await Command.output(command[0], Array(command.dropFirst()) + ["-V"])
        guard let version = AsteriskVersion(parsing: answer) else {
            throw .unusableAsterisk(path: program, problem: "`asterisk -V` said \(answer)")
        }
        return AsteriskInstallation(
            command: command,
            moduleDirectory: libraries.appending(path: "asterisk/modules"),
            dataDirectory: directory.appending(path: "usr/share/asterisk"),
            musicDirectory: first(of: ["usr/share/asterisk/moh"]),
            version: version
        )
    }

    /// Unpacks the tree, beside its final place first, so that a broken download is never taken for a tree.
    /// - Parameter onProgress: gets a short line for each step.
    package func unpack(onProgress: @escaping @Sendable (String) -> Void = { _ in }) async throws(EngineError) {
        guard !isComplete else { return }
        guard let mmdebstrap = Command.find("mmdebstrap") else {
            throw .programNotFound("mmdebstrap", package: "mmdebstrap")
        }
        let partial = directory.deletingLastPathComponent().appending(path: "asterisk-22.partial")
        let files = FileManager.default
        do {
            try files.createDirectory(at: directory.deletingLastPathComponent(), withIntermediateDirectories: true)
            for leftover in [partial, directory] where files.fileExists(atPath: leftover.path) {
                onProgress("removing the incomplete \(leftover.lastPathComponent)")
                try files.removeItem(at: leftover)
            }
        } catch {
            throw .fileSystem(path: directory.path, problem: "\(error.localizedDescription)")
        }
        do {
            // The suite's lists may come from a snapshot whose validity has passed; signatures are checked all the same.
            try await Command.run(
                mmdebstrap,
                [
                    "--variant=extract", "--aptopt=Acquire::Check-Valid-Until \"false\"",
                    "--include=\(Self.packages.joined(separator: ","))", Self.suite, partial.path,
                ],
                onLine: { line in if line.hasPrefix("I: ") { onProgress(String(line.dropFirst(3))) } }
            )
            try finish(partial)
        } catch {
            try? files.removeItem(at: partial)
            throw error
        }
    }

    private var marker: URL { directory.appending(path: ".complete") }

    /// Makes what a package's installation scripts would have made, marks the tree and moves it to its place.
    private func finish(_ partial: URL) throws(EngineError) {
        let files = FileManager.default
        do {
            let sounds = partial.appending(path: "usr/share/asterisk/sounds")
            let english = sounds.appending(path: "en").path
            if !files.fileExists(atPath: english) {
                try files.createSymbolicLink(atPath: english, withDestinationPath: "en_US_f_Allison")
            }
            try Data().write(to: partial.appending(path: ".complete"))
            try files.moveItem(at: partial, to: directory)
        } catch {
            throw .fileSystem(
                path: directory.path,
                problem: "the tree cannot be finished (\(error.localizedDescription))"
            )
        }
    }

    private func first(of paths: [String]) -> URL? {
        paths.map { directory.appending(path: $0) }.first { FileManager.default.fileExists(atPath: $0.path) }
    }
}
