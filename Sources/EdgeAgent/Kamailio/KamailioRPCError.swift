/// Why a command to Kamailio failed.
package enum KamailioRPCError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nobody answers: Kamailio starts, has ended, or hangs.
    case unreachable(String)
    /// Kamailio understood and refused.
    case refused(method: String, code: Int, message: String)
    /// The answer is not what this version of Kamailio should give.
    case malformed(method: String, problem: String)

    /// What happened, and what to do about it.
    package var description: String {
        switch self {
        case .unreachable(let problem): "Kamailio does not answer on its RPC port: \(problem)"
        case .refused(let method, let code, let message): "Kamailio refused \(method): \(code) \(message)"
        case .malformed(let method, let problem): "Kamailio's answer to \(method) makes no sense: \(problem)"
        }
    }
}
