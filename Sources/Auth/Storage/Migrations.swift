/// The tables, as steps that are taken once and in order, by whichever instance comes first.
///
/// Times are seconds since 1970, flags 0 and 1, lists and records JSON. A step that has been released is never changed.
package enum Migrations {
    /// Name and statements of each step.
    static let steps: [(name: String, statements: [String])] = [
        ("1 accounts", accounts),
        ("2 tokens", tokens),
        ("3 profiles", ["ALTER TABLE sessions ADD COLUMN profile TEXT"]),
    ]

    /// Takes the steps that have not been taken.
    package static func run(on store: any SQLStore) async throws(StoreError) {
        try await store.writeAlone { connection in
            try connection.run("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
            let taken = Set(try connection.run("SELECT name FROM migrations").compactMap { $0.text("name") })
            for step in steps where !taken.contains(step.name) {
                for statement in step.statements { try connection.run(statement) }
                try connection.run("INSERT INTO migrations (name) VALUES (?)", .text(step.name))
            }
        }
    }

    private static let accounts = [
        "CREATE TABLE installation (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """
        CREATE TABLE tenants (
            uuid TEXT PRIMARY KEY, parent_uuid TEXT NOT NULL REFERENCES tenants (uuid), name TEXT, slug TEXT NOT NULL UNIQUE,
            phone TEXT, contact TEXT, default_authentication_method TEXT NOT NULL, address TEXT NOT NULL
        )
        """,
        """
        CREATE TABLE domains (
            name TEXT PRIMARY KEY, tenant_uuid TEXT NOT NULL REFERENCES tenants (uuid) ON DELETE CASCADE, uuid TEXT NOT NULL
        )
        """,
        "CREATE INDEX domains_of_tenant ON domains (tenant_uuid)",
        """
        CREATE TABLE users (
            uuid TEXT PRIMARY KEY, tenant_uuid TEXT NOT NULL REFERENCES tenants (uuid), username TEXT, username_key TEXT UNIQUE,
            password TEXT, firstname TEXT, lastname TEXT, purpose TEXT NOT NULL, enabled BIGINT NOT NULL,
            authentication_method TEXT NOT NULL
        )
        """,
        "CREATE INDEX users_of_tenant ON users (tenant_uuid)",
        """
        CREATE TABLE emails (
            uuid TEXT PRIMARY KEY, user_uuid TEXT NOT NULL REFERENCES users (uuid) ON DELETE CASCADE, address TEXT NOT NULL,
            address_key TEXT NOT NULL UNIQUE, main BIGINT NOT NULL, confirmed BIGINT NOT NULL
        )
        """,
        "CREATE INDEX emails_of_user ON emails (user_uuid)",
        """
        CREATE TABLE user_groups (
            uuid TEXT PRIMARY KEY, tenant_uuid TEXT NOT NULL REFERENCES tenants (uuid) ON DELETE CASCADE, name TEXT NOT NULL,
            slug TEXT NOT NULL, system_managed BIGINT NOT NULL, UNIQUE (tenant_uuid, name), UNIQUE (tenant_uuid, slug)
        )
        """,
        """
        CREATE TABLE policies (
            uuid TEXT PRIMARY KEY, tenant_uuid TEXT NOT NULL REFERENCES tenants (uuid) ON DELETE CASCADE, name TEXT NOT NULL,
            slug TEXT NOT NULL, description TEXT, acl TEXT NOT NULL, shared BIGINT NOT NULL, read_only BIGINT NOT NULL,
            UNIQUE (tenant_uuid, name), UNIQUE (tenant_uuid, slug)
        )
        """,
        """
        CREATE TABLE group_users (
            group_uuid TEXT NOT NULL REFERENCES user_groups (uuid) ON DELETE CASCADE,
            user_uuid TEXT NOT NULL REFERENCES users (uuid) ON DELETE CASCADE, PRIMARY KEY (group_uuid, user_uuid)
        )
        """,
        "CREATE INDEX groups_of_user ON group_users (user_uuid)",
        """
        CREATE TABLE group_policies (
            group_uuid TEXT NOT NULL REFERENCES user_groups (uuid) ON DELETE CASCADE,
            policy_uuid TEXT NOT NULL REFERENCES policies (uuid) ON DELETE CASCADE, PRIMARY KEY (group_uuid, policy_uuid)
        )
        """,
        "CREATE INDEX groups_of_policy ON group_policies (policy_uuid)",
        """
        CREATE TABLE user_policies (
            user_uuid TEXT NOT NULL REFERENCES users (uuid) ON DELETE CASCADE,
            policy_uuid TEXT NOT NULL REFERENCES policies (uuid) ON DELETE CASCADE, PRIMARY KEY (user_uuid, policy_uuid)
        )
        """,
        "CREATE INDEX users_of_policy ON user_policies (policy_uuid)",
    ]

    private static let tokens = [
        """
        CREATE TABLE refresh_tokens (
            token TEXT PRIMARY KEY, user_uuid TEXT NOT NULL REFERENCES users (uuid) ON DELETE CASCADE, client_id TEXT NOT NULL,
            created BIGINT NOT NULL, mobile BIGINT NOT NULL, user_agent TEXT NOT NULL, remote_addr TEXT NOT NULL,
            UNIQUE (user_uuid, client_id)
        )
        """,
        """
        CREATE TABLE sessions (
            uuid TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, user_uuid TEXT NOT NULL REFERENCES users (uuid) ON DELETE CASCADE,
            tenant_uuid TEXT NOT NULL, mobile BIGINT NOT NULL,
            refresh_token TEXT REFERENCES refresh_tokens (token) ON DELETE SET NULL, acl TEXT NOT NULL,
            purpose TEXT NOT NULL, issued BIGINT NOT NULL, expires BIGINT NOT NULL, warned BIGINT NOT NULL,
            user_agent TEXT NOT NULL, remote_addr TEXT NOT NULL
        )
        """,
        "CREATE INDEX sessions_of_user ON sessions (user_uuid)",
        "CREATE INDEX sessions_of_refresh_token ON sessions (refresh_token)",
        "CREATE INDEX sessions_by_expiry ON sessions (expires)",
    ]
}
