import ARI

/// Accesses under a name, for users and groups.
struct Policy: Sendable, Hashable {
    static let table = ListTable(
        from: "policies",
        columns: ["uuid", "name", "slug", "description", "tenant_uuid"],
        key: "uuid"
    )
    /// What every person may do.
    static let defaultForUsersSlug = "wazo_default_user_policy"
    /// What the first admin may do.
    static let masterSlug = "wazo_default_master_user_policy"

    var uuid: String
    var tenant: String
    var name: String
    var slug: String
    var description: String?
    var acl: [String]
    /// Whether all tenants may use it; it belongs to the master tenant then.
    var isShared = false
    /// Made by the service: nobody changes it.
    var isReadOnly = false

    var json: JSONValue {
        .object([
            "uuid": .string(uuid), "tenant_uuid": .string(tenant), "name": .string(name), "slug": .string(slug),
            "description": .text(description), "acl": .array(acl.map(JSONValue.string)), "shared": .bool(isShared),
            "read_only": .bool(isReadOnly),
        ])
    }
}

extension Policy {
    init(_ row: SQLRow) throws(StoreError) {
        uuid = try row.required("uuid")
        tenant = try row.required("tenant_uuid")
        name = try row.required("name")
        slug = try row.required("slug")
        description = row.text("description")
        acl = StoredJSON.read([String].self, try row.required("acl")) ?? []
        isShared = try row.flag("shared")
        isReadOnly = try row.flag("read_only")
    }

    /// Those of a scope and those that are shared with it.
    static func visible(_ scope: TenantScope) -> SQLCondition {
        let own = scope.condition("tenant_uuid")
        return SQLCondition("(\(own.text) OR shared = 1)", own.values)
    }

    /// - Parameter name: uuid or slug; of two with one slug the scope's own comes first.
    static func find(_ name: String, _ scope: TenantScope, _ sql: any SQLConnection) throws(StoreError) -> Policy? {
        let condition = visible(scope)
        let rows = try sql.run(
            """
            SELECT * FROM policies WHERE \(condition.text) AND (uuid = ? OR slug = ?)
            ORDER BY CASE WHEN uuid = ? THEN 0 WHEN tenant_uuid = ? THEN 1 ELSE 2 END LIMIT 1
            """,
            condition.values + [.text(name), .text(name), .text(name), .text(scope.tenant)]
        )
        guard let row = rows.first else { return nil }
        return try Policy(row)
    }

    static func defaultForUsers(_ sql: any SQLConnection) throws(StoreError) -> String? {
        try sql.run(
            "SELECT uuid FROM policies WHERE slug = ? AND read_only = 1",
            .text(defaultForUsersSlug)
        ).first?.text("uuid")
    }

    func insert(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            """
            INSERT INTO policies (uuid, tenant_uuid, name, slug, description, acl, shared, read_only)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(uuid), .text(tenant), .text(name), .text(slug), SQLValue(description),
                .text(StoredJSON.write(acl)), SQLValue(isShared), SQLValue(isReadOnly),
            ]
        )
    }

    func update(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            "UPDATE policies SET name = ?, description = ?, acl = ?, shared = ? WHERE uuid = ?",
            .text(name),
            SQLValue(description),
            .text(StoredJSON.write(acl)),
            SQLValue(isShared),
            .text(uuid)
        )
    }

    /// All that a user may do: by policies of his own and of his groups, each access once.
    static func acl(ofUser uuid: String, _ sql: any SQLConnection) throws(StoreError) -> [String] {
        try acl(
            sql.run(
                """
                SELECT acl FROM policies WHERE uuid IN (SELECT policy_uuid FROM user_policies WHERE user_uuid = ?)
                OR uuid IN (
                    SELECT policy_uuid FROM group_policies JOIN group_users ON group_users.group_uuid = group_policies.group_uuid
                    WHERE group_users.user_uuid = ?
                ) ORDER BY name
                """,
                .text(uuid),
                .text(uuid)
            )
        )
    }

    static func acl(_ rows: [SQLRow]) -> [String] {
        var known: Set<String> = []
        return rows.flatMap { StoredJSON.read([String].self, $0.text("acl") ?? "") ?? [] }
            .filter { known.insert($0).inserted }
    }
}
