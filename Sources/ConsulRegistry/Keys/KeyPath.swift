/// Where the registry's keys are in Consul's store. Applications are where res_consul_stasis_app looks for them, all else is
/// below our own root.
struct KeyPath: Sendable, Hashable {
    /// The prefix of applications, on both sides of the port.
    private static let applications = "applications/"

    var root: String
    var applications: String

    init(_ settings: ConsulSettings) {
        root = settings.root
        applications = settings.applications
    }

    /// The folder of node records.
    var nodes: String { root + "nodes/" }

    /// Where a key, or a prefix of keys, is stored.
    func stored(_ key: String) -> String {
        guard key.hasPrefix(Self.applications) else { return root + key }
        return applications + key.dropFirst(Self.applications.count)
    }

    /// The key of a stored one; nil for what is none of the registry's keys, such as a folder made by hand.
    func key(_ stored: String, under prefix: String) -> String? {
        let path = self.stored(prefix)
        guard stored.hasPrefix(path), !stored.hasSuffix("/") else { return nil }
        return prefix + stored.dropFirst(path.count)
    }
}
