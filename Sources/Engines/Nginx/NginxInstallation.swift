/// The nginx that stands in front of the fleet: Debian's, or any that is on the search path.
package enum NginxInstallation {
    /// The Debian packages it needs.
    package static let packages = ["nginx-light"]

    /// Installs nginx where it is missing; its service is not started.
    /// - Returns: the program.
    package static func prepare(
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(EngineError) -> String {
        if let program = Command.find("nginx") { return program }
        try await DebianPackages(onProgress: onProgress).install(packages)
        return try find()
    }

    /// The program.
    /// - Throws: ``EngineError/programNotFound(_:package:)``.
    package static func find() throws(EngineError) -> String {
        guard let program = Command.find("nginx") else {
            throw .programNotFound("nginx", package: packages.joined(separator: " "))
        }
        return program
    }
}
