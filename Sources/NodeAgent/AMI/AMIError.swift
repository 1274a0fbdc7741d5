/// Why there is no connection to Asterisk's manager interface.
enum AMIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Asterisk does not let us in.
    case refused(String)
    /// What came is not the manager's protocol.
    case malformed(String)
    /// Nothing came for too long.
    case silent
    /// Asterisk closed the connection.
    case closed

    var description: String {
        switch self {
        case .refused(let reason):
            "the manager interface refuses the login (\(reason)); check user and password in manager.conf"
        case .malformed(let problem): "the manager interface cannot be understood: \(problem)"
        case .silent: "the manager interface does not answer"
        case .closed: "the manager interface closed the connection"
        }
    }
}
