import ARI
import Access
import Foundation

/// What a program keeps to log in again without a password: one per user and client.
///
/// Kept readable: a second login of the same client is given the same one.
struct RefreshToken: Sendable, Hashable {
    static let table = ListTable(
        from: """
            (SELECT refresh_tokens.*, users.tenant_uuid FROM refresh_tokens JOIN users ON users.uuid = refresh_tokens.user_uuid) \
            AS refresh_tokens
            """,
        columns: ["client_id", "user_uuid", "tenant_uuid"],
        orders: ["created_at": "created", "mobile": "mobile"],
        key: "client_id"
    )

    var token: String
    var user: String
    var client: String
    /// Seconds since 1970.
    var created: Int
    var isMobile: Bool
    var userAgent: String
    var remoteAddress: String

    func json(tenant: String) -> JSONValue {
        let created = WireTime.text(Date(timeIntervalSince1970: Double(created))) + "+00:00"
        return .object([
            "client_id": .string(client), "created_at": .string(created), "mobile": .bool(isMobile),
            "user_uuid": .string(user), "tenant_uuid": .string(tenant), "metadata": .object([:]),
        ])
    }
}

extension RefreshToken {
    init(_ row: SQLRow) throws(StoreError) {
        token = try row.required("token")
        user = try row.required("user_uuid")
        client = try row.required("client_id")
        created = try row.integer("created")
        isMobile = try row.flag("mobile")
        userAgent = try row.required("user_agent")
        remoteAddress = try row.required("remote_addr")
    }

    /// - Parameter client: must be the one it was made for.
    static func find(_ token: String, client: String, _ sql: any SQLConnection) throws(StoreError) -> RefreshToken? {
        let rows = try sql.run(
            "SELECT * FROM refresh_tokens WHERE token = ? AND client_id = ?",
            .text(token),
            .text(client)
        )
        guard let row = rows.first else { return nil }
        return try RefreshToken(row)
    }

    static func find(user: String, client: String, _ sql: any SQLConnection) throws(StoreError) -> RefreshToken? {
        let rows = try sql.run(
            "SELECT * FROM refresh_tokens WHERE user_uuid = ? AND client_id = ?",
            .text(user),
            .text(client)
        )
        guard let row = rows.first else { return nil }
        return try RefreshToken(row)
    }

    func insert(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            """
            INSERT INTO refresh_tokens (token, user_uuid, client_id, created, mobile, user_agent, remote_addr)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            .text(token),
            .text(user),
            .text(client),
            SQLValue(created),
            SQLValue(isMobile),
            .text(userAgent),
            .text(remoteAddress)
        )
    }

    /// Revokes tokens and ends the sessions that were made with them.
    static func revoke(
        _ condition: SQLCondition,
        _ sql: any SQLConnection
    ) throws(StoreError) -> (tokens: [RefreshToken], sessions: [Session]) {
        let named = SQLCondition(
            "refresh_token IN (SELECT token FROM refresh_tokens WHERE \(condition.text))",
            condition.values
        )
        let sessions = try Session.delete(named, sql)
        let tokens = try sql.run("DELETE FROM refresh_tokens WHERE \(condition.text) RETURNING *", condition.values)
            .map { row throws(StoreError) in try RefreshToken(row) }
        return (tokens, sessions)
    }
}
