import HTTPTypes
import WebAPI

/// The body of a login.
struct TokenRequest: Decodable, Sendable {
    enum AccessType: String, Decodable, Sendable { case online, offline }

    /// Seconds, ten years at most.
    static let expirations = 1...315_360_000

    var expiration: Int?
    var access_type: String?
    var client_id: String?
    var refresh_token: String?
    var saml_session_id: String?
    var tenant_id: String?
    var domain_name: String?

    /// Whether a refresh token is wanted.
    var isOffline: Bool { access_type == AccessType.offline.rawValue }
    var lifetime: Int { expiration ?? 7200 }

    /// - Throws: ``WebError`` 400.
    func check() throws(WebError) {
        func isBad(_ field: String) -> WebError {
            .tokenService(.badRequest, "Invalid value supplied for field: \(field)")
        }
        guard Self.expirations.contains(lifetime) else { throw isBad("expiration") }
        guard access_type.map({ AccessType(rawValue: $0) != nil }) ?? true else { throw isBad("access_type") }
        for (name, text, longest) in [
            ("client_id", client_id, 1024), ("refresh_token", refresh_token, 1024),
            ("saml_session_id", saml_session_id, 1024), ("tenant_id", tenant_id, 1024),
            ("domain_name", domain_name, 1024),
        ] {
            guard let text else { continue }
            guard (1...longest).contains(text.unicodeScalars.count), !text.utf8.contains(0) else { throw isBad(name) }
        }
        if isOffline {
            guard client_id != nil else { throw isBad("client_id") }
            guard refresh_token == nil else { throw isBad("access_type") }
        }
        guard refresh_token == nil || client_id != nil else { throw isBad("client_id") }
        guard tenant_id == nil || domain_name == nil else { throw isBad("domain_name") }
        guard saml_session_id == nil || refresh_token == nil else { throw isBad("saml_session_id") }
    }
}

/// Where a login came from.
struct LoginSource: Sendable, Hashable {
    var isMobile: Bool
    var userAgent: String
    var address: String
}
