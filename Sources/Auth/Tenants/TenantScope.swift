/// Whose things are meant: those of one tenant, or also of all tenants below it.
struct TenantScope: Sendable, Hashable {
    /// A tenant and all below it; the master tenant is its own parent, which UNION takes once.
    private static let below = """
        WITH RECURSIVE below (uuid) AS (
            SELECT CAST(? AS TEXT) UNION SELECT t.uuid FROM tenants t JOIN below b ON t.parent_uuid = b.uuid
        ) SELECT uuid FROM below
        """

    var tenant: String
    var recurse = true

    /// - Parameter column: the one that names a tenant.
    func condition(_ column: String) -> SQLCondition {
        recurse
            ? SQLCondition("\(column) IN (\(Self.below))", [.text(tenant)])
            : SQLCondition("\(column) = ?", [.text(tenant)])
    }

    /// Whether a tenant is this one or below it.
    func contains(_ other: String, _ sql: any SQLConnection) throws(StoreError) -> Bool {
        if other == tenant { return true }
        guard recurse, !other.utf8.contains(0) else { return false }
        let condition = condition("uuid").and("uuid = ?", .text(other))
        return try sql.count("SELECT count(*) AS n FROM tenants WHERE \(condition.text)", condition.values) > 0
    }
}
