import Foundation
import NIOHTTP1
import Registry

/// Checks `Authorization: Basic` and `api_key=user:password`, the two ways of ARI.
package struct Authenticator: Sendable, CustomStringConvertible {
    private let accepted: [[UInt8]]

    package init(_ users: [Credentials]) { accepted = users.map { Array("\($0.user):\($0.password)".utf8) } }

    /// Without the secrets: services end up in logs.
    package var description: String { "\(accepted.count) users" }

    /// - Parameter apiKey: the decoded `api_key` parameter.
    package func admits(_ headers: HTTPHeaders, apiKey: String?) -> Bool {
        if let header = headers.first(name: "Authorization") {
            guard header.prefix(6).lowercased() == "basic ",
                let decoded = Data(base64Encoded: String(header.dropFirst(6)).trimmingCharacters(in: .whitespaces))
            else { return false }
            return isAccepted(Array(decoded))
        }
        return apiKey.map { isAccepted(Array($0.utf8)) } ?? false
    }

    /// Compares with every user in constant time for the length, so that timing tells nothing of a secret.
    private func isAccepted(_ offered: [UInt8]) -> Bool {
        var found = false
        for user in accepted {
            guard user.count == offered.count else { continue }
            if zip(user, offered).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 { found = true }
        }
        return found
    }
}
