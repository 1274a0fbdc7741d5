import Foundation

extension AccessToken: Codable {
    private enum Key: String, CodingKey {
        case token, acl, acls, metadata
        case authID = "auth_id"
        case userUUID = "xivo_user_uuid"
        case installation = "xivo_uuid"
        case issued = "issued_at"
        case expiry = "expires_at"
        case issuedUTC = "utc_issued_at"
        case expiryUTC = "utc_expires_at"
        case sessionUUID = "session_uuid"
        case remoteAddress = "remote_addr"
        case userAgent = "user_agent"
        case refreshToken = "refresh_token"
    }

    /// Reads what any version of wazo-auth sends: only the token and its expiry must be there.
    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        guard let expiry = box.time(.expiryUTC, or: .expiry) else {
            throw DecodingError.dataCorruptedError(
                forKey: .expiryUTC,
                in: box,
                debugDescription: "no time such as 2026-01-31T12:00:00.000000"
            )
        }
        self.init(
            token: try box.decode(String.self, forKey: .token),
            authID: box.text(.authID),
            userUUID: box.text(.userUUID),
            installation: box.text(.installation),
            issued: box.time(.issuedUTC, or: .issued) ?? .distantPast,
            expiry: expiry,
            // `acls` until April 2021, `acl` since December 2020.
            acl: try box.decodeIfPresent([String].self, forKey: .acl)
                ?? box.decodeIfPresent([String].self, forKey: .acls) ?? [],
            metadata: try box.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata(),
            sessionUUID: box.text(.sessionUUID),
            remoteAddress: box.text(.remoteAddress),
            userAgent: box.text(.userAgent),
            refreshToken: box.text(.refreshToken)
        )
    }

    /// Writes what clients of any version read. `refresh_token` is there only when there is one.
    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        try box.encode(token, forKey: .token)
        try box.encode(authID, forKey: .authID)
        try box.encode(userUUID, forKey: .userUUID)
        try box.encode(installation, forKey: .installation)
        try box.encode(WireTime.text(issued, in: .current), forKey: .issued)
        try box.encode(WireTime.text(expiry, in: .current), forKey: .expiry)
        try box.encode(WireTime.text(issued), forKey: .issuedUTC)
        try box.encode(WireTime.text(expiry), forKey: .expiryUTC)
        try box.encode(acl, forKey: .acl)
        try box.encode(acl, forKey: .acls)
        try box.encode(metadata, forKey: .metadata)
        try box.encode(sessionUUID, forKey: .sessionUUID)
        try box.encode(remoteAddress, forKey: .remoteAddress)
        try box.encode(userAgent, forKey: .userAgent)
        try box.encodeIfPresent(refreshToken, forKey: .refreshToken)
    }
}

extension KeyedDecodingContainer {
    /// A text; nil also when it is something else, which is no reason to refuse the whole.
    fileprivate func text(_ key: Key) -> String? { try? decodeIfPresent(String.self, forKey: key) }

    /// A time in UTC, or else one in this host's zone.
    fileprivate func time(_ utc: Key, or local: Key) -> Date? {
        text(utc).flatMap { WireTime.date($0) } ?? text(local).flatMap { WireTime.date($0, in: .current) }
    }
}
