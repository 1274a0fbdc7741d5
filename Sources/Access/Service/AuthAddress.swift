import Foundation

/// Where the auth service is: `http://127.0.0.1:9497`, or behind a proxy `https://pbx.example/api/auth`.
package struct AuthAddress: Sendable, Hashable, CustomStringConvertible {
    /// Where it is when no setting says otherwise.
    package static let usual = AuthAddress(base: "http://127.0.0.1:9497")

    /// Without a slash at the end.
    private let base: String

    private init(base: String) { self.base = base }

    /// - Throws: ``AuthAddressError`` when the text is no such address.
    package init(_ text: String) throws(AuthAddressError) {
        let full = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: full), parts.scheme == "http" || parts.scheme == "https",
            parts.host?.isEmpty == false, parts.user == nil, parts.query == nil, parts.fragment == nil
        else { throw AuthAddressError(text: text) }
        base = full.hasSuffix("/") ? String(full.dropLast()) : full
    }

    /// A list as settings have it, separated by commas.
    package static func list(_ text: String) throws(AuthAddressError) -> [AuthAddress] {
        var addresses: [AuthAddress] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            addresses.append(try AuthAddress(String(part)))
        }
        guard !addresses.isEmpty else { throw AuthAddressError(text: text) }
        return addresses
    }

    package var description: String { base }
}

/// A text that is no address of the auth service.
package struct AuthAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was given.
    package var text: String

    package var description: String {
        "'\(text)' is no address of the auth service; write http://host:9497 or https://host/api/auth, several with commas between"
    }
}
