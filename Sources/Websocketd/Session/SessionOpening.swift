import Foundation
import NIOHTTP1

/// What the upgrade request of a client says. The path says nothing; unknown parameters are passed over, and empty ones as well.
package struct SessionOpening: Sendable, Hashable {
    /// The version asked for, or why there is none.
    package var version: Result<ProtocolVersion, CloseReason>
    /// From the query, else from `X-Auth-Token`.
    package var token: String?

    package init(target: String, headers: HTTPHeaders) {
        var parameters: [String: String] = [:]
        for item in URLComponents(string: target)?.queryItems ?? [] {
            if let value = item.value, !value.isEmpty { parameters[item.name] = value }
        }
        if let text = parameters["version"] {
            // What is no number was an exception in the daemon that clients know, and a number out of range a protocol error.
            version =
                Int(text).map { ProtocolVersion(rawValue: $0).map { .success($0) } ?? .failure(.protocolError) }
                ?? .failure(.internalError)
        } else {
            version = .success(.one)
        }
        token = parameters["token"] ?? headers.first(name: "X-Auth-Token").flatMap { $0.isEmpty ? nil : $0 }
    }
}
