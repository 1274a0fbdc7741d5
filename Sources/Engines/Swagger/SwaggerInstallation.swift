import Foundation

/// The files of Swagger UI for `/docs`, taken out of a pinned package of PyPI that carries them unchanged; no page of ours loads
/// anything from elsewhere.
package struct SwaggerInstallation: Sendable, Hashable {
    /// The package, which carries Swagger UI of the same version.
    static let package = "flask-swagger-ui"
    static let version = "5.34.0"
    /// Of the one file that is taken; any other is refused.
    static let digest = "63e4ecfee6345ca746c11c5341c6f2a1cbe271e518aac1659889cd3905b1110f"

    /// The folder with `swagger-ui.css` and `swagger-ui-bundle.js`.
    package var files: URL

    /// What was unpacked in `engines`, or nil.
    /// - Parameter engines: the folder `engines` of the state directory.
    package static func find(engines: URL) -> SwaggerInstallation? {
        let files = unpacked(in: engines)
        let program = files.appending(path: "swagger-ui-bundle.js")
        return FileManager.default.fileExists(atPath: program.path) ? SwaggerInstallation(files: files) : nil
    }

    /// Fetches the package with pip, which checks its digest, and unpacks Swagger UI into `engines`.
    package static func unpack(
        engines: URL,
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(EngineError) -> SwaggerInstallation {
        if let found = find(engines: engines) { return found }
        try await DebianPackages(onProgress: onProgress).install(["python3-pip"])
        guard let python = Command.find("python3") else { throw .programNotFound("python3", package: "python3-pip") }
        onProgress("fetching Swagger UI \(version) into \(engines.path)")
        // Two that unpack at once must not meet in one folder.
        let partial = engines.appending(path: "swagger-ui.partial-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: partial) }
        let pin = partial.appending(path: "requirements.txt")
        do {
            try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
            try Data("\(package)==\(version) --hash=sha256:\(digest)\n".utf8).write(to: pin)
        } catch {
            throw .fileSystem(path: partial.path, problem: "\(error.localizedDescription)")
        }
        try await Command.run(
            python,
            [
                "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
                "--require-hashes", "--requirement", pin.path, "--dest", partial.path,
            ]
        )
        let wheel = partial.appending(path: "flask_swagger_ui-\(version)-py3-none-any.whl")
        try await Command.run(python, ["-m", "zipfile", "--extract", wheel.path, partial.path])
        try put(partial.appending(path: "flask_swagger_ui/dist"), at: unpacked(in: engines))
        return SwaggerInstallation(files: unpacked(in: engines))
    }

    private static func put(_ folder: URL, at place: URL) throws(EngineError) {
        // Another run may have put it there meanwhile.
        guard rename(folder.path, place.path) == 0 || errno == ENOTEMPTY || errno == EEXIST else {
            throw .fileSystem(
                path: place.path,
                problem: "Swagger UI cannot be put there (\(String(cString: strerror(errno))))"
            )
        }
    }

    private static func unpacked(in engines: URL) -> URL { engines.appending(path: "swagger-ui-\(version)") }
}
