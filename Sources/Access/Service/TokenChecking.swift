/// Says whether a token is good: the auth service itself, or a client of it.
package protocol TokenChecking: Sendable {
    /// - Parameters:
    ///   - id: what the client gave, of any content.
    ///   - scope: what it must grant; nil asks only whether it is valid.
    func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken
}

/// Why a token does not do.
package enum TokenError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is none such, or it has expired or was revoked.
    case unknown
    /// It is good, but does not grant what is asked.
    case forbidden
    /// The auth service cannot say; with the reason.
    case unreachable(String)

    package var description: String {
        switch self {
        case .unknown: "the token is unknown or has expired"
        case .forbidden: "the token does not grant this"
        case .unreachable(let problem): "the auth service cannot be asked: \(problem)"
        }
    }
}
