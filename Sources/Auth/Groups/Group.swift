import ARI

/// Users of a tenant who share policies.
struct Group: Sendable, Hashable {
    static let table = ListTable(from: "user_groups", columns: ["uuid", "name", "slug", "tenant_uuid"], key: "uuid")

    var uuid: String
    var tenant: String
    var name: String
    var slug: String
    /// Kept by the service: nobody changes it or who is in it.
    var isSystemManaged = false

    var json: JSONValue {
        .object([
            "uuid": .string(uuid), "tenant_uuid": .string(tenant), "name": .string(name), "slug": .string(slug),
            "read_only": .bool(isSystemManaged), "system_managed": .bool(isSystemManaged),
        ])
    }
}

extension Group {
    init(_ row: SQLRow) throws(StoreError) {
        uuid = try row.required("uuid")
        tenant = try row.required("tenant_uuid")
        name = try row.required("name")
        slug = try row.required("slug")
        isSystemManaged = try row.flag("system_managed")
    }

    static func find(_ uuid: String, _ scope: TenantScope, _ sql: any SQLConnection) throws(StoreError) -> Group? {
        let condition = scope.condition("tenant_uuid").and("uuid = ?", .text(uuid))
        guard let row = try sql.run("SELECT * FROM user_groups WHERE \(condition.text)", condition.values).first
        else { return nil }
        return try Group(row)
    }

    static func everyone(in tenant: String, _ sql: any SQLConnection) throws(StoreError) -> Group? {
        let rows = try sql.run(
            "SELECT * FROM user_groups WHERE tenant_uuid = ? AND system_managed = 1",
            .text(tenant)
        )
        guard let row = rows.first else { return nil }
        return try Group(row)
    }

    func insert(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            "INSERT INTO user_groups (uuid, tenant_uuid, name, slug, system_managed) VALUES (?, ?, ?, ?, ?)",
            .text(uuid),
            .text(tenant),
            .text(name),
            .text(slug),
            SQLValue(isSystemManaged)
        )
    }

    func add(user: String, _ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            "INSERT INTO group_users (group_uuid, user_uuid) VALUES (?, ?) ON CONFLICT DO NOTHING",
            .text(uuid),
            .text(user)
        )
    }

    /// - Returns: whether the user was in it.
    @discardableResult
    func remove(user: String, _ sql: any SQLConnection) throws(StoreError) -> Bool {
        try !sql.run(
            "DELETE FROM group_users WHERE group_uuid = ? AND user_uuid = ? RETURNING user_uuid",
            .text(uuid),
            .text(user)
        ).isEmpty
    }

    /// What all who are in it may do.
    func acl(_ sql: any SQLConnection) throws(StoreError) -> [String] {
        try Policy.acl(
            sql.run(
                """
                SELECT acl FROM policies JOIN group_policies ON policy_uuid = policies.uuid WHERE group_uuid = ?
                """,
                .text(uuid)
            )
        )
    }
}
