import Fleet
import NIOHTTP1

/// What the path and query of an upgrade ask for.
enum EventWish: Sendable {
    /// `/ari/events`
    case applications(SocketWish)
    /// `/fleet/events`
    case everything

    /// - Returns: nil when it asks for no events, or wrongly.
    init?(_ head: HTTPRequestHead) {
        if let ari = ARIRequest(method: head.method.rawValue, target: head.uri, prefix: RequestDispatcher.prefix),
            RequestRoute(ari) == .events
        {
            guard let wish = try? SocketWish(ari) else { return nil }
            self = .applications(wish)
        } else if head.uri == "/fleet/events" {
            self = .everything
        } else {
            return nil
        }
    }
}

/// What a client asks of an event socket.
struct SocketWish: Sendable {
    /// The applications whose events it carries, in the client's order.
    let applications: [String]
    /// Whether they are to hear of everything in the fleet (`subscribeAll`).
    let hearsAll: Bool
    /// How it is told of the calls that there are already (`resume`).
    let standing: Standing
    /// The workers with whom it shares the calls (`group`); nil wants them alone.
    let group: String?

    /// What is wrong with a wish.
    struct Wrong: Error {
        /// What the client is told.
        let message: String
    }

    /// - Throws: ``Wrong``.
    init(_ ari: ARIRequest) throws(Wrong) {
        applications = (ari.query["app"] ?? "").split(separator: ",").map(String.init)
        guard !applications.isEmpty else { throw Wrong(message: "Missing parameter app") }
        guard applications.allSatisfy(Names.isApplication), !applications.contains(NodeMirror.observer) else {
            throw Wrong(
                message: "Application names have 1 to 64 letters, digits, - _ and ., and are not \(NodeMirror.observer)"
            )
        }
        group = ari.query["group"]
        if let group, !Names.isApplication(group) {
            throw Wrong(message: "A group has 1 to 64 letters, digits, - _ and ., and not '\(group)'")
        }
        let resume = ari.query["resume"] ?? Standing.userEvent.rawValue
        guard let standing = Standing(rawValue: resume) else {
            let words = Standing.allCases.map(\.rawValue).joined(separator: ", ")
            throw Wrong(message: "resume is one of \(words), and not '\(resume)'")
        }
        self.standing = standing
        hearsAll = Self.isTrue(ari.query["subscribeAll"])
    }

    /// As Asterisk reads booleans (`ast_true`).
    private static func isTrue(_ text: String?) -> Bool {
        ["yes", "true", "y", "t", "1", "on"].contains(text?.lowercased() ?? "")
    }
}
