import Foundation

/// A token of the auth service, as its HTTP API shows it.
package struct AccessToken: Sendable, Hashable {
    /// The token itself: a secret, a UUID in lower case.
    package var token: String
    /// Who it was made for; for tokens of users, the user's UUID.
    package var authID: String?
    /// The same for users with a phone, else nil.
    package var userUUID: String?
    /// The installation.
    package var installation: String?
    /// When it was made.
    package var issued: Date
    /// From when on it is good for nothing.
    package var expiry: Date
    /// What it grants, in the language of ``AccessCheck``.
    package var acl: [String]
    /// Who its owner is.
    package var metadata: Metadata
    /// The login that it belongs to.
    package var sessionUUID: String?
    /// Where the client was at the login.
    package var remoteAddress: String?
    /// What the client called itself at the login.
    package var userAgent: String?
    /// Only in the answer to a login with `access_type` `offline`.
    package var refreshToken: String?

    package init(
        token: String,
        authID: String? = nil,
        userUUID: String? = nil,
        installation: String? = nil,
        issued: Date,
        expiry: Date,
        acl: [String],
        metadata: Metadata = Metadata(),
        sessionUUID: String? = nil,
        remoteAddress: String? = nil,
        userAgent: String? = nil,
        refreshToken: String? = nil
    ) {
        self.token = token
        self.authID = authID
        self.userUUID = userUUID
        self.installation = installation
        self.issued = issued
        self.expiry = expiry
        self.acl = acl
        self.metadata = metadata
        self.sessionUUID = sessionUUID
        self.remoteAddress = remoteAddress
        self.userAgent = userAgent
        self.refreshToken = refreshToken
    }

    /// The ACL made ready for many questions.
    package var accessCheck: AccessCheck {
        AccessCheck(authID: metadata.uuid ?? authID, sessionID: sessionUUID, acl: acl)
    }

    /// Whether a text may be a token at all: what cannot be one is not worth a question or a place in memory, and must not become
    /// part of a path. The auth service makes UUIDs.
    package static func isPlausible(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    package func isExpired(at now: Date) -> Bool { now > expiry }
}

extension AccessToken: CustomStringConvertible {
    /// Without the secret: values end up in logs.
    package var description: String { "token of \(metadata.uuid ?? authID ?? "nobody")" }
}
