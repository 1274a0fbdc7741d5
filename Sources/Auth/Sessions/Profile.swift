import ARI

/// What tokens told of their user beside who he is, until wazo-auth 20: as it was at the login.
struct Profile: Codable, Sendable, Hashable {
    /// More are not told.
    private static let mostTenants = 1000

    var username: String?
    var groups: [String] = []
    var visibleTenants: [VisibleTenant] = []

    struct VisibleTenant: Codable, Sendable, Hashable {
        var uuid: String
        var name: String?
    }

    /// The profile of a user now.
    static func of(_ user: User, _ sql: any SQLConnection) throws(StoreError) -> Profile {
        let groups = try sql.run(
            """
            SELECT g.name FROM user_groups g JOIN group_users u ON u.group_uuid = g.uuid WHERE u.user_uuid = ? ORDER BY g.name
            """,
            .text(user.uuid)
        )
        let scope = TenantScope(tenant: user.tenant).condition("uuid")
        let tenants = try sql.run(
            "SELECT uuid, name FROM tenants WHERE \(scope.text) ORDER BY name, uuid LIMIT \(mostTenants)",
            scope.values
        )
        return Profile(
            username: user.username,
            groups: groups.compactMap { $0.text("name") },
            visibleTenants: tenants.compactMap { row in
                row.text("uuid").map { VisibleTenant(uuid: $0, name: row.text("name")) }
            }
        )
    }

    /// The members of a token's metadata.
    var metadata: [String: JSONValue] {
        [
            "username": .text(username), "groups": .array(groups.map(JSONValue.string)),
            "visible_tenants": .array(
                visibleTenants.map { .object(["uuid": .string($0.uuid), "name": .text($0.name)]) }
            ),
        ]
    }
}
