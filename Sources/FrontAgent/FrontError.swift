/// Why the front cannot serve, or not what it should.
package enum FrontError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A setting would break out of its line of nginx's configuration.
    case unusableSetting(name: String, value: String)
    /// nginx does not accept its configuration.
    case rejected(path: String, complaint: String)
    /// A file could not be written.
    case fileSystem(path: String, problem: String)

    package var description: String {
        switch self {
        case .unusableSetting(let name, let value):
            "\(name) is '\(value)', which cannot be written into nginx's configuration; use plain letters, digits and /.-_"
        case .rejected(let path, let complaint):
            "nginx rejects \(path):\n\(complaint)"
        case .fileSystem(let path, let problem):
            "\(path): \(problem)"
        }
    }
}
