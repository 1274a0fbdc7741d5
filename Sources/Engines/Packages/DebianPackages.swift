import Foundation

/// Debian packages that the commands need.
package struct DebianPackages: Sendable {
    private let onProgress: @Sendable (String) -> Void

    /// - Parameter onProgress: gets short lines about what is being fetched and set up.
    package init(onProgress: @escaping @Sendable (String) -> Void = { _ in }) {
        self.onProgress = onProgress
    }

    /// Those of `packages` that are not installed, in the given order.
    package func missing(_ packages: [String]) async throws(EngineError) -> [String] {
        guard let query = Command.find("dpkg-query") else {
            throw .programNotFound("dpkg-query", package: "dpkg (this is not a Debian system)")
        }
        // It fails when a package is unknown, which is one way to be missing, so each is asked for by itself.
        var missing: [String] = []
        for package in packages {
            let status = try? await Command.output(query, ["-W", "-f", "${Status}", package])
            if !Self.isInstalled(status: status ?? "") { missing.append(package) }
        }
        return missing
    }

    /// Installs what is missing of `packages`.
    /// - Throws: ``EngineError/needsRoot(packages:)``, or what apt-get said.
    package func install(_ packages: [String]) async throws(EngineError) {
        let missing = try await missing(packages)
        guard !missing.isEmpty else { return }
        guard geteuid() == 0 else { throw .needsRoot(packages: missing) }
        onProgress("installing \(missing.joined(separator: ", "))")
        let arguments = ["install", "-y", "--no-install-recommends"] + missing
        do {
            try await apt(arguments)
        } catch {
            // Package lists that are missing or stale are the usual reason.
            onProgress("updating the package lists")
            try await apt(["update"])
            try await apt(arguments)
        }
    }

    static func isInstalled(status: String) -> Bool { status.hasPrefix("install ok installed") }

    /// The lines of apt-get that say what goes on.
    static func progress(in line: String) -> String? {
        for prefix in ["Get:", "Unpacking ", "Setting up "] where line.hasPrefix(prefix) { return line }
        return nil
    }

    private func apt(_ arguments: [String]) async throws(EngineError) {
        let onProgress = onProgress
        // A service that a package brings must not start: it would take the fleet's ports.
        try await Command.run(
            "apt-get",
            ["-o", "Dpkg::Use-Pty=0"] + arguments,
            environment: ["DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"]
        ) { line in
            if let shown = Self.progress(in: line) { onProgress(shown) }
        }
    }
}
