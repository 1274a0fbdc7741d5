import ARI
import Access
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// Policies: nobody gives what he does not have.
struct PolicyRoutes: AuthRouting {
    private struct Body: Decodable, Sendable {
        var name: String
        var slug: String?
        var description: String?
        var acl: [String]?
        var shared: Bool?

        func check() throws(WebError) {
            func isBad(_ field: String) -> WebError {
                .tokenService(.badRequest, "Invalid value supplied for field: \(field)")
            }
            guard (1...80).contains(name.unicodeScalars.count), !name.utf8.contains(0) else { throw isBad("name") }
            do throws(WebError) { try Field.check(slug: slug, 80) } catch { throw isBad("slug") }
            guard description.map({ $0.unicodeScalars.count <= 4096 && !$0.utf8.contains(0) }) ?? true else {
                throw isBad("description")
            }
            guard acl.map({ $0.count <= 1000 && $0.allSatisfy(Policy.isAccess) }) ?? true else { throw isBad("acl") }
        }
    }

    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("policies.read", router).get("policies") { request, context in
            try answer(
                await list(Policy.table, request, context) { wanted, caller, _ in
                    Policy.visible(caller.scope(wanted))
                } item: { row, _ in
                    try Policy(row).json
                },
                isFiltered: false
            )
        }
        requiring("policies.create", router).post("policies", use: create)
        requiring("policies.{policy}.read", router).get("policies/:policy") { request, context in
            let (name, scope) = (try AuthCore.name("policy", context), try await core.caller(request, context).scope)
            return try answer(await core.read { try Self.find(name, scope, $0).json })
        }
        requiring("policies.{policy}.update", router).put("policies/:policy", use: update)
        requiring("policies.{policy}.delete", router).delete("policies/:policy", use: delete)
        requiring("policies.{policy}.update", router).put("policies/:policy/acl/:access") { request, context in
            try await setAccess(request, context, isIn: true)
        }
        requiring("policies.{policy}.update", router).delete("policies/:policy/acl/:access") { request, context in
            try await setAccess(request, context, isIn: false)
        }
    }

    private static func find(_ name: String, _ scope: TenantScope, _ sql: any SQLConnection) throws -> Policy {
        guard let policy = try Policy.find(name, scope, sql) else { throw WebError.noSuchPolicy(name) }
        return policy
    }

    /// A policy that may be changed: none of the service's, and none that is shared from a tenant above.
    private static func changeable(_ name: String, _ scope: TenantScope, _ sql: any SQLConnection) throws -> Policy {
        let policy = try find(name, scope, sql)
        guard !policy.isReadOnly, try scope.contains(policy.tenant, sql) else {
            throw WebError.tokenService(.forbidden, "Policy \"\(policy.name)\" is read only")
        }
        return policy
    }

    private static func checkFree(_ policy: Policy, _ sql: any SQLConnection) throws {
        let others = try sql.count(
            "SELECT count(*) AS n FROM policies WHERE tenant_uuid = ? AND uuid <> ? AND (name = ? OR slug = ?)",
            [.text(policy.tenant), .text(policy.uuid), .text(policy.name), .text(policy.slug)]
        )
        guard others == 0 else { throw WebError.tokenService(.conflict, "Policy \"\(policy.name)\" already exists") }
    }

    private static func checkShared(_ policy: Policy, _ sql: any SQLConnection) throws {
        guard policy.isShared else { return }
        let master = try sql.count(
            "SELECT count(*) AS n FROM tenants WHERE uuid = ? AND parent_uuid = uuid",
            [.text(policy.tenant)]
        )
        // Only what is above all tenants can be all tenants'.
        guard master > 0 else { throw WebError.tokenService(.badRequest, "Invalid value supplied for field: shared") }
    }

    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try await core.caller(request, context)
        let body = try await request.json(Body.self, context)
        try body.check()
        try caller.mayGrant(body.acl ?? [])
        let policy = Policy(
            uuid: UUID.lowercase,
            tenant: caller.tenant,
            name: body.name,
            slug: body.slug ?? Field.slug(of: body.name, 80),
            description: body.description,
            acl: body.acl ?? [],
            isShared: body.shared ?? false
        )
        try await core.write { sql in
            try Self.checkShared(policy, sql)
            try Self.checkFree(policy, sql)
            try policy.insert(sql)
        }
        return try answer(policy.json)
    }

    private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let (name, caller) = (try AuthCore.name("policy", context), try await core.caller(request, context))
        let body = try await request.json(Body.self, context)
        try body.check()
        let policy = try await core.write { sql in
            var policy = try Self.changeable(name, caller.scope, sql)
            let acl = body.acl ?? []
            try caller.mayGrant(Set(acl).subtracting(policy.acl).sorted())
            try caller.mayWithdraw(Set(policy.acl).subtracting(acl).sorted())
            policy.name = body.name
            policy.description = body.description
            policy.acl = acl
            policy.isShared = body.shared ?? policy.isShared
            try Self.checkShared(policy, sql)
            try Self.checkFree(policy, sql)
            try policy.update(sql)
            return policy
        }
        return try answer(policy.json)
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let (name, caller) = (try AuthCore.name("policy", context), try await core.caller(request, context))
        try await core.write { sql in
            let policy = try Self.changeable(name, caller.scope, sql)
            try caller.mayWithdraw(policy.acl)
            try sql.run("DELETE FROM policies WHERE uuid = ?", .text(policy.uuid))
        }
        return done
    }

    private func setAccess(_ request: Request, _ context: WebContext, isIn: Bool) async throws -> Response {
        let (name, access) = (try AuthCore.name("policy", context), try AuthCore.name("access", context))
        let caller = try await core.caller(request, context)
        guard Policy.isAccess(access) else {
            throw WebError.tokenService(.badRequest, "Invalid value supplied for field: access")
        }
        try await core.write { sql in
            var policy = try Self.changeable(name, caller.scope, sql)
            if isIn {
                try caller.mayGrant([access])
                guard !policy.acl.contains(access) else { return }
                policy.acl.append(access)
            } else {
                try caller.mayWithdraw([access])
                policy.acl.removeAll { $0 == access }
            }
            try policy.update(sql)
        }
        return done
    }
}

extension Policy {
    static func isAccess(_ text: String) -> Bool { (1...2048).contains(text.utf8.count) && !text.utf8.contains(0) }
}
