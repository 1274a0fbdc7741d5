/// Why an ARI request failed.
public enum ARIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The server answered with an error: its status and its message.
    case refused(status: Int, message: String, request: String)
    /// No answer: not connected, timed out, or cut off.
    case unreachable(String, request: String)
    /// The answer was not what ARI promises.
    case unexpectedAnswer(String, request: String)

    /// The HTTP status of a refusal.
    public var status: Int? { if case .refused(let status, _, _) = self { status } else { nil } }

    /// For people.
    public var description: String {
        switch self {
        case .refused(let status, let message, let request): "\(request) was refused: \(status) \(message)"
        case .unreachable(let detail, let request): "\(request) got no answer: \(detail)"
        case .unexpectedAnswer(let detail, let request): "\(request) got an unexpected answer: \(detail)"
        }
    }
}
