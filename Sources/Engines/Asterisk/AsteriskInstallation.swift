import Foundation

/// A stock Asterisk that nodes can be run from, each with a configuration and writable folders of its own.
package struct AsteriskInstallation: Sendable, Hashable {
    /// The program and the arguments that come before Asterisk's own: for an unpacked tree its dynamic loader.
    package var command: [String]
    /// Where the modules are (`astmoddir`).
    package var moduleDirectory: URL
    /// Where sounds, documentation and keys are (`astdatadir`).
    package var dataDirectory: URL
    /// The folder with music on hold, if there is one.
    package var musicDirectory: URL?
    /// Which release it is.
    package var version: AsteriskVersion

    package init(
        command: [String],
        moduleDirectory: URL,
        dataDirectory: URL,
        musicDirectory: URL?,
        version: AsteriskVersion
    ) {
        self.command = command
        self.moduleDirectory = moduleDirectory
        self.dataDirectory = dataDirectory
        self.musicDirectory = musicDirectory
        self.version = version
    }

    /// What stands for an Asterisk that somebody else starts: nothing of it is known here.
    package static let elsewhere = AsteriskInstallation(
        command: [],
        moduleDirectory: URL(filePath: "/nonexistent"),
        dataDirectory: URL(filePath: "/nonexistent"),
        musicDirectory: nil,
        version: .oldestSupported
    )

    /// Finds an installed Asterisk of a supported release, else the tree unpacked in `engines`.
    /// - Parameter engines: the folder `engines` of the state directory.
    /// - Returns: nil when there is neither; ``AsteriskTree/unpack(onProgress:)`` mends that.
    package static func find(engines: URL) async throws(EngineError) -> AsteriskInstallation? {
        if let installed = try await installed() { return installed }
        let tree = AsteriskTree(engines: engines)
        return tree.isComplete ? try await tree.installation() : nil
    }

    /// The Asterisk on `PATH`, or nil when there is none or it is too old.
    package static func installed() async throws(EngineError) -> AsteriskInstallation? {
        guard let program = Command.find("asterisk") else { return nil }
        guard let version = AsteriskVersion(parsing: try await Command.output(program, ["-V"])),
            version >= .oldestSupported
        else { return nil }
        let directories = directories(inConfiguration: URL(filePath: "/etc/asterisk/asterisk.conf"))
        let modules = [
            directories["astmoddir"], "/usr/lib/asterisk/modules", "/usr/lib/x86_64-linux-gnu/asterisk/modules",
            "/usr/lib/aarch64-linux-gnu/asterisk/modules", "/usr/local/lib/asterisk/modules",
        ]
        guard let moduleDirectory = modules.compactMap(\.self).first(where: exists) else {
            throw .unusableAsterisk(
                path: program,
                problem: "its modules were not found; set astmoddir in asterisk.conf"
            )
        }
        let data = [directories["astdatadir"], "/usr/share/asterisk", "/var/lib/asterisk"]
        guard let dataDirectory = data.compactMap(\.self).first(where: exists) else {
            throw .unusableAsterisk(path: program, problem: "its data were not found; set astdatadir in asterisk.conf")
        }
        let music = ["\(dataDirectory)/moh", "/var/lib/asterisk/moh", "/usr/share/asterisk/moh"].first(where: exists)
        return AsteriskInstallation(
            command: [program],
            moduleDirectory: URL(filePath: moduleDirectory),
            dataDirectory: URL(filePath: dataDirectory),
            musicDirectory: music.map { URL(filePath: $0) },
            version: version
        )
    }

    /// The `[directories]` of an `asterisk.conf`.
    static func directories(inConfiguration file: URL) -> [String: String] {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("ast") {
            let parts = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            found[parts[0].trimmingCharacters(in: .whitespaces)] =
                parts[1].drop { $0 == ">" }.trimmingCharacters(in: .whitespaces)
        }
        return found
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
