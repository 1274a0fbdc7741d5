import ARI
import Foundation

/// Who can log in.
struct User: Sendable, Hashable {
    static let table = ListTable(
        from: "users",
        columns: ["uuid", "username", "firstname", "lastname", "purpose", "tenant_uuid", "authentication_method"],
        orders: ["enabled": "enabled"],
        key: "uuid"
    )

    /// What an account is for. Programs of the installation itself are `internal`.
    enum Purpose: String, Codable, Sendable, CaseIterable {
        case user, `internal`
        case externalAPI = "external_api"

        /// Whether one such user may have only so many sessions.
        var isBounded: Bool { self != .internal }
    }

    var uuid: String
    var tenant: String
    var username: String?
    /// ``PasswordHash``; nil for who cannot log in with one.
    var password: String?
    var firstname: String?
    var lastname: String?
    var purpose = Purpose.user
    var isEnabled = true
    var authenticationMethod = "default"
    var emails: [Email] = []

    struct Email: Sendable, Hashable {
        var uuid: String
        var address: String
        var isMain: Bool
        var isConfirmed: Bool

        var json: JSONValue {
            .object([
                "uuid": .string(uuid), "address": .string(address), "main": .bool(isMain),
                "confirmed": .bool(isConfirmed),
            ])
        }
    }

    var json: JSONValue {
        .object([
            "uuid": .string(uuid), "username": .text(username), "firstname": .text(firstname),
            "lastname": .text(lastname), "purpose": .string(purpose.rawValue), "enabled": .bool(isEnabled),
            "tenant_uuid": .string(tenant), "authentication_method": .string(authenticationMethod),
            "emails": .array(emails.map(\.json)),
        ])
    }

    /// How names and addresses are compared: without regard to case.
    static func key(_ name: String) -> String { name.precomposedStringWithCanonicalMapping.lowercased() }
}

extension User {
    init(_ row: SQLRow, _ sql: any SQLConnection) throws(StoreError) {
        uuid = try row.required("uuid")
        tenant = try row.required("tenant_uuid")
        username = row.text("username")
        password = row.text("password")
        firstname = row.text("firstname")
        lastname = row.text("lastname")
        purpose = Purpose(rawValue: try row.required("purpose")) ?? .user
        isEnabled = try row.flag("enabled")
        authenticationMethod = try row.required("authentication_method")
        for email in try sql.run("SELECT * FROM emails WHERE user_uuid = ? ORDER BY main DESC, address", .text(uuid)) {
            emails.append(
                Email(
                    uuid: try email.required("uuid"),
                    address: try email.required("address"),
                    isMain: try email.flag("main"),
                    isConfirmed: try email.flag("confirmed")
                )
            )
        }
    }

    static func find(_ uuid: String, _ scope: TenantScope, _ sql: any SQLConnection) throws(StoreError) -> User? {
        let condition = scope.condition("tenant_uuid").and("uuid = ?", .text(uuid))
        return try first("SELECT * FROM users WHERE \(condition.text)", condition.values, sql)
    }

    /// The user of any tenant.
    static func find(_ uuid: String, _ sql: any SQLConnection) throws(StoreError) -> User? {
        try first("SELECT * FROM users WHERE uuid = ?", [.text(uuid)], sql)
    }

    /// Who logs in with a name: the user called so, else the one who has confirmed such an address.
    static func find(login name: String, _ sql: any SQLConnection) throws(StoreError) -> User? {
        let key = SQLValue.text(key(name))
        if let user = try first("SELECT * FROM users WHERE username_key = ?", [key], sql) { return user }
        return try first(
            """
            SELECT users.* FROM users JOIN emails ON emails.user_uuid = users.uuid
            WHERE emails.address_key = ? AND emails.confirmed = 1
            """,
            [key],
            sql
        )
    }

    private static func first(
        _ text: String,
        _ values: [SQLValue],
        _ sql: any SQLConnection
    ) throws(StoreError) -> User? {
        guard let row = try sql.run(text, values).first else { return nil }
        return try User(row, sql)
    }

    func insert(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            """
            INSERT INTO users (uuid, tenant_uuid, username, username_key, password, firstname, lastname, purpose, enabled,
                authentication_method)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(uuid), .text(tenant), SQLValue(username), SQLValue(username.map(Self.key)), SQLValue(password),
                SQLValue(firstname), SQLValue(lastname), .text(purpose.rawValue), SQLValue(isEnabled),
                .text(authenticationMethod),
            ]
        )
        try writeEmails(sql)
        try joinEveryone(sql)
    }

    /// Writes all but password and addresses.
    func update(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            """
            UPDATE users SET username = ?, username_key = ?, firstname = ?, lastname = ?, purpose = ?, enabled = ?,
                authentication_method = ? WHERE uuid = ?
            """,
            [
                SQLValue(username), SQLValue(username.map(Self.key)), SQLValue(firstname), SQLValue(lastname),
                .text(purpose.rawValue), SQLValue(isEnabled), .text(authenticationMethod), .text(uuid),
            ]
        )
        try joinEveryone(sql)
    }

    func writeEmails(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run("DELETE FROM emails WHERE user_uuid = ?", .text(uuid))
        for email in emails {
            try sql.run(
                "INSERT INTO emails (uuid, user_uuid, address, address_key, main, confirmed) VALUES (?, ?, ?, ?, ?, ?)",
                .text(email.uuid),
                .text(uuid),
                .text(email.address),
                .text(Self.key(email.address)),
                SQLValue(email.isMain),
                SQLValue(email.isConfirmed)
            )
        }
    }

    /// Puts people into the group of all users of their tenant, and programs out of it.
    private func joinEveryone(_ sql: any SQLConnection) throws(StoreError) {
        guard let group = try Group.everyone(in: tenant, sql) else { return }
        try group.remove(user: uuid, sql)
        if purpose == .user { try group.add(user: uuid, sql) }
    }
}
