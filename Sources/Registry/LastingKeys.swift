import Foundation

/// The keys that outlive a fleet on one machine, in a JSON file for its owner only: routes and subscribers.
package struct LastingKeys: Sendable {
    /// The prefixes of keys that last.
    package static let prefixes = [RegistryKey.routes, RegistryKey.subscribers]

    private let file: URL

    package init(file: URL) { self.file = file }

    /// What was stored last; empty when nothing was.
    /// - Throws: ``RegistryError/unavailable(_:)`` when the file exists and cannot be read.
    package func load() throws(RegistryError) -> [String: String] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [:] }
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
        } catch {
            throw .unavailable("\(file.path) cannot be read (\(error)); mend or remove it")
        }
    }

    /// Stores these and no others.
    /// - Throws: ``RegistryError/unavailable(_:)``.
    package func store(_ keys: [String: String]) throws(RegistryError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try encoder.encode(keys).write(to: file, options: .atomic)
            // Digests of passwords are in it.
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        } catch {
            throw .unavailable("\(file.path) cannot be written: \(error)")
        }
    }
}
