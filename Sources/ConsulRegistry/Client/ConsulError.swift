import Registry

/// Why Consul did not do what it was asked.
enum ConsulError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No agent could be reached, or none has a leader.
    case unreachable(String)
    /// Consul answered and refused.
    case refused(status: Int, request: String, text: String)
    /// An answer that is not what Consul says it would be.
    case malformed(request: String, problem: String)
    /// The wait for a change was given up, because its agent failed elsewhere.
    case abandoned

    var description: String {
        switch self {
        case .unreachable(let detail): detail
        case .refused(403, let request, let text):
            "Consul forbids \(request) (\(text)); check the ACL token and its policy"
        case .refused(let status, let request, let text): "Consul refused \(request) with \(status): \(text)"
        case .malformed(let request, let problem): "Consul's answer to \(request) cannot be read: \(problem)"
        case .abandoned: "the Consul agent failed meanwhile"
        }
    }

    /// As users of the port see it.
    var forRegistry: RegistryError { .unavailable(description) }

    /// Whether an answer means that the agent cannot reach its servers, or they have no leader: another may do better.
    static func isOutage(status: Int, text: String) -> Bool {
        switch status {
        case 429, 502, 503, 504: true
        case 500:
            [
                "No cluster leader", "leadership lost", "failed to get conn", "connection refused", "i/o timeout",
                "EOF",
                "No known Consul servers", "raft is already shutdown", "rpc error: lead thread didn't get connection",
            ].contains(where: text.contains)
        default: false
        }
    }
}
