import Foundation
import NIOHTTP1
import Registry

/// Checks `Authorization: Basic` and `api_key=user:password`, the two ways of ARI.
package struct Authenticator: Sendable, CustomStringConvertible {
    private let accepted: [[UInt8]]
    /// The same as headers, as nearly every client writes them.
    private let headers: [[UInt8]]

    package init(_ users: [Credentials]) {
        accepted = users.map { Array("\($0.user):\($0.password)".utf8) }
        headers = users.map { Array($0.basicAuthorization.utf8) }
    }

    /// Without the secrets: services end up in logs.
    package var description: String { "\(accepted.count) users" }

    /// - Parameter apiKey: the decoded `api_key` parameter.
    package func admits(_ headers: HTTPHeaders, apiKey: String?) -> Bool {
        if let header = headers.first(name: "Authorization") {
            if Self.isAmong(self.headers, header.utf8) { return true }
            guard header.prefix(6).lowercased() == "basic ",
                let decoded = Data(base64Encoded: String(header.dropFirst(6)).trimmingCharacters(in: .whitespaces))
            else { return false }
            return Self.isAmong(accepted, decoded)
        }
        return apiKey.map { Self.isAmong(accepted, $0.utf8) } ?? false
    }

    /// Compares with every secret in constant time for the length, so that timing tells nothing of one.
    private static func isAmong(_ secrets: [[UInt8]], _ offered: some Collection<UInt8>) -> Bool {
        var found = false
        for secret in secrets where secret.count == offered.count {
            if zip(secret, offered).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 { found = true }
        }
        return found
    }
}
