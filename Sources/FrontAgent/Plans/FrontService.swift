import Registry

/// The services behind the one public origin.
enum FrontService: String, CaseIterable, Sendable, Codable, Hashable {
    case gateways, applicationd, websocketd, auth

    /// Where its servers announce themselves; each key holds a ``GatewayRecord``.
    var registryPrefix: String { self == .gateways ? RegistryKey.gateways : rawValue + "/" }
}

/// The servers of each service, as nginx shall have them.
struct FrontUpstreams: Sendable, Hashable, Codable {
    /// More servers of one service than this are left out.
    static let maximumServers = 64

    private var servers: [FrontService: [HostPort]] = [:]

    init() {}

    /// The servers of a service, sorted.
    subscript(service: FrontService) -> [HostPort] {
        get { servers[service] ?? [] }
        set { servers[service] = newValue.isEmpty ? nil : newValue }
    }

    /// The servers in a snapshot of the registry. What is not a record, or names no host, is left out: one bad record must not
    /// keep nginx from the others.
    static func servers(in entries: [String: RegistryEntry]) -> [HostPort] {
        let addresses = entries.values.compactMap { GatewayRecord(json: $0.value)?.address }.filter(\.isPlain)
        return Array(Set(addresses).sorted { ($0.host, $0.port) < ($1.host, $1.port) }.prefix(maximumServers))
    }

    /// Without the servers that do not answer, except where none would be left: then trying is better than refusing.
    func without(_ silent: Set<HostPort>) -> FrontUpstreams {
        var result = self
        for service in FrontService.allCases {
            let answering = self[service].filter { !silent.contains($0) }
            if !answering.isEmpty { result[service] = answering }
        }
        return result
    }
}
