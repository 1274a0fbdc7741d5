import ARI
import Access
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// The tree of tenants.
struct TenantRoutes: AuthRouting {
    private struct Body: Decodable, Sendable {
        var uuid: String?
        var name: String?
        var slug: String?
        var phone: String?
        var contact: String?
        var domain_names: [String]?
        var default_authentication_method: String?
        var address: Tenant.Address?

        func check() throws(WebError) {
            if let uuid, UUID(uuidString: uuid) == nil { throw .invalid("uuid", "is no UUID") }
            try Field.check(name, "name", 0...256)
            try Field.check(slug: slug, 10)
            try Field.check(phone, "phone", 0...256)
            try Field.check(contact, "contact", 0...256)
            guard (domain_names ?? []).count <= 100 else { throw .invalid("domain_names", "are more than 100") }
            for domain in domain_names ?? [] {
                try Field.check(domain, "domain_names", 1...253)
                guard domain.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") }) else {
                    throw .invalid("domain_names", "'\(domain)' is no domain name")
                }
            }
            if let method = default_authentication_method, !UserBody.methods.subtracting(["default"]).contains(method) {
                throw .invalid("default_authentication_method", "must be native, ldap or saml")
            }
            let lines = [
                address?.line_1, address?.line_2, address?.city, address?.state, address?.country, address?.zip_code,
            ]
            for line in lines { try Field.check(line, "address", 0...256) }
        }

        func apply(to tenant: inout Tenant) {
            tenant.name = name
            tenant.phone = phone
            tenant.contact = contact
            tenant.domains = Set(domain_names ?? []).sorted()
            tenant.authenticationMethod = default_authentication_method ?? tenant.authenticationMethod
            tenant.address = address ?? Tenant.Address()
        }
    }

    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("tenants.read", router).get("tenants") { request, context in
            try answer(
                await list(Tenant.table, request, context) { _, caller, _ in
                    caller.scope.condition("uuid")
                } item: { row, sql in
                    try Tenant(row, sql).json
                }
            )
        }
        requiring("tenants.create", router).post("tenants", use: create)
        requiring("tenants.{tenant_uuid}.read", router).get("tenants/:tenant_uuid") { request, context in
            let (id, scope) = (try AuthCore.name("tenant_uuid", context), try await core.caller(request, context).scope)
            return try answer(await core.read { try Self.find(id, scope, $0).json })
        }
        requiring("tenants.{tenant_uuid}.update", router).put("tenants/:tenant_uuid", use: update)
        requiring("tenants.{tenant_uuid}.delete", router).delete("tenants/:tenant_uuid", use: delete)
        requiring("tenants.{tenant_uuid}.domains.read", router).get("tenants/:tenant_uuid/domains") {
            request,
            context in
            let id = try AuthCore.name("tenant_uuid", context)
            let table = ListTable(from: "domains", columns: ["uuid", "name"], key: "name")
            return try answer(
                await list(table, request, context) { _, caller, sql in
                    SQLCondition("tenant_uuid = ?", [.text(try Self.find(id, caller.scope, sql).uuid)])
                } item: { row, _ in
                    .object(["uuid": .text(row.text("uuid")), "name": .text(row.text("name"))])
                }
            )
        }
        requiring("tenants.{tenant_uuid}.parent.{parent_uuid}.update", router)
            .put("tenants/:tenant_uuid/parent/:parent_uuid", use: move)
    }

    private static func find(_ id: String, _ scope: TenantScope, _ sql: any SQLConnection) throws -> Tenant {
        guard let tenant = try Tenant.find(id, scope, sql) else { throw WebError.unknown("tenant", id) }
        return tenant
    }

    private static func conflict(_ field: String, _ value: String) -> WebError {
        .api(
            .conflict,
            "conflict",
            "The \(field) \"\(value)\" is already used",
            details: [field: value],
            resource: "tenants"
        )
    }

    private static func checkDomains(_ tenant: Tenant, _ sql: any SQLConnection) throws {
        for domain in tenant.domains {
            let others = try sql.count(
                "SELECT count(*) AS n FROM domains WHERE name = ? AND tenant_uuid <> ?",
                [.text(domain), .text(tenant.uuid)]
            )
            if others > 0 { throw conflict("domain_names", domain) }
        }
    }

    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try await core.caller(request, context)
        let body = try await request.json(Body.self, context)
        try body.check()
        var made = Tenant(
            uuid: body.uuid?.lowercased() ?? UUID.lowercase,
            parent: caller.tenant,
            slug: body.slug ?? Field.slug(of: body.name, 10)
        )
        body.apply(to: &made)
        let tenant = try await core.write { [made] sql in
            var tenant = made
            func isTaken(_ column: String, _ value: String) throws -> Bool {
                try sql.count("SELECT count(*) AS n FROM tenants WHERE \(column) = ?", [.text(value)]) > 0
            }
            if try isTaken("uuid", tenant.uuid) { throw Self.conflict("uuid", tenant.uuid) }
            if try isTaken("slug", tenant.slug) {
                if let slug = body.slug { throw Self.conflict("slug", slug) }
                tenant.slug = Field.slug(of: nil, 10)
            }
            try Self.checkDomains(tenant, sql)
            try tenant.insert(sql)
            return tenant
        }
        await core.announcer.announce([.tenant(tenant, "added")])
        return try answer(tenant.json)
    }

    private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, scope) = (try AuthCore.name("tenant_uuid", context), try await core.caller(request, context).scope)
        let body = try await request.json(Body.self, context)
        try body.check()
        let tenant = try await core.write { sql in
            var tenant = try Self.find(id, scope, sql)
            body.apply(to: &tenant)
            // The master tenant keeps its name, by which it is known.
            if tenant.isMaster { tenant.name = "master" }
            try Self.checkDomains(tenant, sql)
            try tenant.update(sql)
            return tenant
        }
        await core.announcer.announce([.tenant(tenant, "updated")])
        return try answer(tenant.json)
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, caller) = (try AuthCore.name("tenant_uuid", context), try await core.caller(request, context))
        let own = caller.token.metadata.tenantUUID
        let (tenant, ended) = try await core.write { sql in
            let tenant = try Self.find(id, caller.scope, sql)
            guard tenant.uuid != own, !tenant.isMaster else {
                throw WebError.api(
                    .forbidden,
                    "unauthorized-tenant",
                    "Deleting the tenant that one belongs to is not allowed",
                    resource: "tenants"
                )
            }
            let children = try sql.count(
                "SELECT count(*) AS n FROM tenants WHERE parent_uuid = ?",
                [.text(tenant.uuid)]
            )
            guard children == 0 else {
                throw WebError.api(
                    .badRequest,
                    "tenant-with-children",
                    "The tenant has \(children) tenants below it; delete those first",
                    resource: "tenants"
                )
            }
            let ended = try Session.delete(SQLCondition("tenant_uuid = ?", [.text(tenant.uuid)]), sql)
            try sql.run("DELETE FROM users WHERE tenant_uuid = ?", .text(tenant.uuid))
            try sql.run("DELETE FROM tenants WHERE uuid = ?", .text(tenant.uuid))
            return (tenant, ended)
        }
        await core.announcer.announce(ended.map(AuthEvent.sessionDeleted) + [.tenant(tenant, "deleted")])
        return done
    }

    private func move(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, parent) = (try AuthCore.name("tenant_uuid", context), try AuthCore.name("parent_uuid", context))
        let scope = try await core.caller(request, context).scope
        let tenant = try await core.write { sql in
            let tenant = try Self.find(id, scope, sql)
            let above = try Self.find(parent, scope, sql)
            // Also keeps the master tenant where it is: all others are below it.
            guard try !TenantScope(tenant: tenant.uuid).contains(above.uuid, sql) else {
                throw WebError.api(
                    .badRequest,
                    "invalid-parent",
                    "The tenant \"\(above.uuid)\" is below \"\(tenant.uuid)\"",
                    resource: "tenants"
                )
            }
            try sql.run("UPDATE tenants SET parent_uuid = ? WHERE uuid = ?", .text(above.uuid), .text(tenant.uuid))
            return tenant
        }
        await core.announcer.announce([.tenant(tenant, "updated")])
        return done
    }
}
