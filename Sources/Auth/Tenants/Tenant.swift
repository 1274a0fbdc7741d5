import ARI
import Foundation

/// A customer, or part of one: who has users, groups and policies of his own.
struct Tenant: Sendable, Hashable {
    static let table = ListTable(
        from: "tenants",
        columns: ["uuid", "parent_uuid", "name", "slug", "phone", "contact"],
        key: "uuid"
    )

    var uuid: String
    /// The master tenant is its own parent.
    var parent: String
    var name: String?
    var slug: String
    var phone: String?
    var contact: String?
    var domains: [String] = []
    var authenticationMethod = "native"
    var address = Address()

    struct Address: Codable, Sendable, Hashable {
        var line_1: String?
        var line_2: String?
        var city: String?
        var state: String?
        var country: String?
        var zip_code: String?
    }

    var isMaster: Bool { parent == uuid }

    /// The group of all its users, which the service itself keeps.
    static func everyone(in tenant: String) -> String { "wazo-all-users-tenant-\(tenant)" }

    var json: JSONValue {
        .object([
            "uuid": .string(uuid), "parent_uuid": .string(parent), "name": .text(name), "slug": .string(slug),
            "phone": .text(phone), "contact": .text(contact), "domain_names": .array(domains.map(JSONValue.string)),
            "default_authentication_method": .string(authenticationMethod),
            "address": .object([
                "line_1": .text(address.line_1), "line_2": .text(address.line_2), "city": .text(address.city),
                "state": .text(address.state), "country": .text(address.country), "zip_code": .text(address.zip_code),
            ]),
        ])
    }
}

extension Tenant {
    init(_ row: SQLRow, _ sql: any SQLConnection) throws(StoreError) {
        uuid = try row.required("uuid")
        parent = try row.required("parent_uuid")
        name = row.text("name")
        slug = try row.required("slug")
        phone = row.text("phone")
        contact = row.text("contact")
        authenticationMethod = try row.required("default_authentication_method")
        address = StoredJSON.read(Address.self, try row.required("address")) ?? Address()
        domains = try sql.run("SELECT name FROM domains WHERE tenant_uuid = ? ORDER BY name", .text(uuid))
            .compactMap { $0.text("name") }
    }

    static func find(_ uuid: String, _ scope: TenantScope, _ sql: any SQLConnection) throws(StoreError) -> Tenant? {
        let condition = scope.condition("uuid").and("uuid = ?", .text(uuid))
        guard let row = try sql.run("SELECT * FROM tenants WHERE \(condition.text)", condition.values).first else {
            return nil
        }
        return try Tenant(row, sql)
    }

    func insert(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            """
            INSERT INTO tenants (uuid, parent_uuid, name, slug, phone, contact, default_authentication_method, address)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(uuid), .text(parent), SQLValue(name), .text(slug), SQLValue(phone), SQLValue(contact),
                .text(authenticationMethod), .text(StoredJSON.write(address)),
            ]
        )
        try writeDomains(sql)
        let group = Group(
            uuid: UUID.lowercase,
            tenant: uuid,
            name: Self.everyone(in: uuid),
            slug: Self.everyone(in: uuid),
            isSystemManaged: true
        )
        try group.insert(sql)
        if let policy = try Policy.defaultForUsers(sql) {
            try sql.run(
                "INSERT INTO group_policies (group_uuid, policy_uuid) VALUES (?, ?)",
                .text(group.uuid),
                .text(policy)
            )
        }
    }

    func update(_ sql: any SQLConnection) throws(StoreError) {
        try sql.run(
            "UPDATE tenants SET name = ?, phone = ?, contact = ?, default_authentication_method = ?, address = ? WHERE uuid = ?",
            SQLValue(name),
            SQLValue(phone),
            SQLValue(contact),
            .text(authenticationMethod),
            .text(StoredJSON.write(address)),
            .text(uuid)
        )
        try writeDomains(sql)
    }

    private func writeDomains(_ sql: any SQLConnection) throws(StoreError) {
        let known = try sql.run("SELECT name FROM domains WHERE tenant_uuid = ?", .text(uuid)).compactMap {
            $0.text("name")
        }
        for name in known where !domains.contains(name) {
            try sql.run("DELETE FROM domains WHERE name = ?", .text(name))
        }
        for name in Set(domains).subtracting(known).sorted() {
            try sql.run(
                "INSERT INTO domains (name, tenant_uuid, uuid) VALUES (?, ?, ?)",
                .text(name),
                .text(uuid),
                .text(UUID.lowercase)
            )
        }
    }
}
