import ARI
import Access
import Crypto
import Foundation

/// A login that lasts, with its token. Every token has a session of its own.
struct Session: Sendable, Hashable {
    static let table = ListTable(
        from: "sessions",
        columns: ["uuid", "user_uuid", "tenant_uuid"],
        orders: ["mobile": "mobile"],
        key: "uuid"
    )

    var uuid: String
    /// SHA-256 of the token: who reads the store cannot use it.
    var tokenHash: String
    var user: String
    var tenant: String
    var isMobile: Bool
    /// The refresh token it goes with.
    var refreshToken: String?
    var acl: [String]
    var purpose: User.Purpose
    /// Whole seconds since 1970.
    var issued: Int
    var expires: Int
    var userAgent: String
    var remoteAddress: String
    var profile: Profile

    /// How a token is stored. It is 122 random bits, so nothing slower is needed.
    static func hash(_ token: String) -> String {
        SHA256.hash(data: Data(token.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    var json: JSONValue {
        .object([
            "uuid": .string(uuid), "mobile": .bool(isMobile), "tenant_uuid": .string(tenant),
            "user_uuid": .string(user),
        ])
    }

    /// The token as the wire has it.
    /// - Parameters:
    ///   - token: itself, which is not stored.
    ///   - installation: `xivo_uuid`.
    func token(_ token: String, installation: String) -> AccessToken {
        let phoneUser: JSONValue = purpose == .user ? .string(user) : .null
        return AccessToken(
            token: token,
            authID: user,
            userUUID: purpose == .user ? user : nil,
            installation: installation,
            issued: Date(timeIntervalSince1970: Double(issued)),
            expiry: Date(timeIntervalSince1970: Double(expires)),
            acl: acl,
            metadata: AccessToken.Metadata(
                [
                    "uuid": .string(user), "auth_id": .string(user), "tenant_uuid": .string(tenant),
                    "pbx_user_uuid": phoneUser, "user_uuid": phoneUser, "xivo_user_uuid": phoneUser,
                    "xivo_uuid": .string(installation), "purpose": .string(purpose.rawValue),
                ].merging(profile.metadata) { known, _ in known }
            ),
            sessionUUID: uuid,
            remoteAddress: remoteAddress,
            userAgent: userAgent
        )
    }
}

extension Session {
    init(_ row: SQLRow) throws(StoreError) {
        uuid = try row.required("uuid")
        tokenHash = try row.required("token")
        user = try row.required("user_uuid")
        tenant = try row.required("tenant_uuid")
        isMobile = try row.flag("mobile")
        refreshToken = row.text("refresh_token")
        acl = StoredJSON.read([String].self, try row.required("acl")) ?? []
        purpose = User.Purpose(rawValue: try row.required("purpose")) ?? .user
        issued = try row.integer("issued")
        expires = try row.integer("expires")
        userAgent = try row.required("user_agent")
        remoteAddress = try row.required("remote_addr")
        profile = row.text("profile").flatMap { StoredJSON.read(Profile.self, $0) } ?? Profile()
    }

    static func find(token: String, _ sql: any SQLConnection) throws(StoreError) -> Session? {
        guard let row = try sql.run("SELECT * FROM sessions WHERE token = ?", .text(hash(token))).first else {
            return nil
        }
        return try Session(row)
    }

    func insert(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            """
            INSERT INTO sessions (uuid, token, user_uuid, tenant_uuid, mobile, refresh_token, acl, purpose, issued, expires, warned,
                user_agent, remote_addr, profile)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
            """,
            [
                .text(uuid), .text(tokenHash), .text(user), .text(tenant), SQLValue(isMobile), SQLValue(refreshToken),
                .text(StoredJSON.write(acl)), .text(purpose.rawValue), SQLValue(issued), SQLValue(expires),
                .text(userAgent), .text(remoteAddress), .text(StoredJSON.write(profile)),
            ]
        )
    }

    /// Ends sessions.
    /// - Returns: those that were ended, by this call and no other.
    static func delete(_ condition: SQLCondition, _ sql: any SQLConnection) throws(StoreError) -> [Session] {
        try sql.run("DELETE FROM sessions WHERE \(condition.text) RETURNING *", condition.values)
            .map { row throws(StoreError) in try Session(row) }
    }
}
