import Foundation

/// What a request must be granted on a surface whose paths say what they are about: ARI and the operators' API.
///
/// The path's segments are the words, and the method is the last one: `GET /ari/channels/1583859032.5` is
/// `ari.channels.1583859032_5.read`, `POST /ari/channels/1583859032.5/answer` is `ari.channels.1583859032_5.answer.create`. So
/// `ari.#` is all of ARI, `ari.#.read` all that changes nothing, `ari.bridges.#` all of bridges.
package enum RequestAccess {
    private static let verbs = [
        "GET": "read", "HEAD": "read", "OPTIONS": "read", "POST": "create", "PUT": "update", "PATCH": "update",
        "DELETE": "delete",
    ]

    /// - Parameters:
    ///   - method: of HTTP; one that is not known is its own verb, which only a wildcard grants.
    ///   - path: with the surface as its first segment, such as `/ari/channels`; without a query.
    /// - Returns: such as `ari.channels.read`. A dot within a segment would be read as one of the access's own, and becomes `_`.
    package static func required(method: String, path: some StringProtocol) -> String {
        let words = path.split(separator: "/").map { segment in
            // As the routes read it: another spelling of a segment must not slip past a refusal.
            (String(segment).removingPercentEncoding ?? String(segment)).replacing(".", with: "_")
        }
        return (words + [verbs[method.uppercased()] ?? method.lowercased()]).joined(separator: ".")
    }
}
