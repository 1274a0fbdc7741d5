import Foundation
import NIOCore
import NIOFoundationCompat

/// Why a request to applicationd failed.
public enum ApplicationdError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It answered with an error.
    case refused(Refusal, request: String)
    /// No answer: not connected, timed out, or cut off.
    case unreachable(String, request: String)
    /// The answer was not what the API promises.
    case unexpectedAnswer(String, request: String)

    /// The refusal, if it was one.
    public var refusal: Refusal? { if case .refused(let refusal, _) = self { refusal } else { nil } }

    /// For people.
    public var description: String {
        switch self {
        case .refused(let refusal, let request): "\(request) was refused: \(refusal.status) \(refusal.message)"
        case .unreachable(let detail, let request): "\(request) got no answer: \(detail)"
        case .unexpectedAnswer(let detail, let request): "\(request) got an unexpected answer: \(detail)"
        }
    }
}

/// An error that applicationd answered with.
public struct Refusal: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// Stable and short, such as `no-such-call`; nil for a body that could not be used (422).
    public var id: String?
    /// What is wrong, for people.
    public var message: String

    init(_ answer: ApplicationdClient.Answer) {
        struct Body: Decodable {
            struct Problem: Decodable { var msg: String }
            var message: String?
            var error_id: String?
            var detail: [Problem]?
        }
        let body = try? JSONDecoder().decode(Body.self, from: answer.body)
        status = answer.status
        id = body?.error_id
        message = body?.message ?? body?.detail?.map(\.msg).joined(separator: "; ") ?? String(buffer: answer.body)
    }
}
