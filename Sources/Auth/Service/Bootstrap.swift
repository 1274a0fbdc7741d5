import Foundation
import Logging

/// The first start of an installation: its id, the master tenant, the policies and the first admin.
struct Bootstrap: Sendable {
    /// The demo's admin, as asterisk-scale-poc makes it.
    static let demoPassword = "secret"
    private static let demoUser = "acea422c-84cf-4dd5-a244-6108d3a7e6e4"
    private static let adminName = "admin"
    /// What people may do without further policies: hear of applications, and look after their own account.
    private static let userACL = [
        "auth.users.me.external.read", "auth.users.me.groups.read", "auth.users.me.password.update",
        "auth.users.me.policies.read", "auth.users.me.read", "auth.users.me.sessions.*.delete",
        "auth.users.me.sessions.read", "auth.users.me.tokens.*.delete", "auth.users.me.tokens.read",
        "events.applications.#", "events.auth.users.me.#", "websocketd",
    ]

    let store: any SQLStore
    let passwords: PasswordHasher
    let settings: AuthSettings

    /// What there is after the first start of any instance.
    struct Result: Sendable {
        /// Which installation this is.
        var installation: String
        /// The admin's password, if it was made up just now: it is known nowhere else.
        var madeUp: String?
    }

    /// Does what has not been done yet; of several instances that start at once, one does.
    /// - Throws: ``StoreError``, or ``PasswordError``.
    func run() async throws -> Result {
        if let known = try await store.read({ try Self.installation($0) }) { return Result(installation: known) }
        let madeUp = settings.isDemo || settings.adminPassword != nil ? nil : Self.randomPassword()
        let password = settings.adminPassword ?? madeUp ?? Self.demoPassword
        let hash = try await passwords.hash(password)
        let isDemo = settings.isDemo
        return try await store.writeAlone { sql in
            if let known = try Self.installation(sql) { return Result(installation: known) }
            let installation = UUID.lowercase
            try sql.run("INSERT INTO installation (name, value) VALUES (?, ?)", "uuid", .text(installation))
            try Self.populate(hash, isDemo: isDemo, sql)
            return Result(installation: installation, madeUp: madeUp)
        }
    }

    private static func installation(_ sql: any SQLConnection) throws(StoreError) -> String? {
        try sql.run("SELECT value FROM installation WHERE name = ?", "uuid").first?.text("value")
    }

    private static func populate(_ hash: String, isDemo: Bool, _ sql: any SQLConnection) throws(StoreError) {
        let id = UUID.lowercase
        // The tenant's group of all users takes the default policy, which belongs to the tenant: first without it.
        let tenant = Tenant(uuid: id, parent: id, name: "master", slug: "master")
        try tenant.insert(sql)
        let forUsers = Policy(
            uuid: UUID.lowercase,
            tenant: id,
            name: Policy.defaultForUsersSlug,
            slug: Policy.defaultForUsersSlug,
            description: "What every user may do",
            acl: userACL,
            isShared: true,
            isReadOnly: true
        )
        let forAdmin = Policy(
            uuid: UUID.lowercase,
            tenant: id,
            name: Policy.masterSlug,
            slug: Policy.masterSlug,
            description: "Everything",
            acl: ["#"],
            isReadOnly: true
        )
        try forUsers.insert(sql)
        try forAdmin.insert(sql)
        if let everyone = try Group.everyone(in: id, sql) {
            try sql.run(
                "INSERT INTO group_policies (group_uuid, policy_uuid) VALUES (?, ?)",
                .text(everyone.uuid),
                .text(forUsers.uuid)
            )
        }
        let admin = User(
            uuid: isDemo ? demoUser : UUID.lowercase,
            tenant: id,
            username: adminName,
            password: hash,
            purpose: .user
        )
        try admin.insert(sql)
        try sql.run(
            "INSERT INTO user_policies (user_uuid, policy_uuid) VALUES (?, ?)",
            .text(admin.uuid),
            .text(forAdmin.uuid)
        )
    }

    private static func randomPassword() -> String {
        let letters = Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<20).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
    }
}
