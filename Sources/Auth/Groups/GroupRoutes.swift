import ARI
import Access
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// Groups, who is in them, and what they may do.
struct GroupRoutes: AuthRouting {
    private struct Body: Decodable, Sendable {
        var name: String
        var slug: String?

        func check() throws(WebError) {
            try Field.check(name, "name", 1...128)
            try Field.check(slug: slug, 80)
        }
    }

    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("groups.read", router).get("groups") { request, context in
            try answer(
                await list(Group.table, request, context) { wanted, caller, _ in
                    caller.scope(wanted).condition("tenant_uuid")
                } item: { row, _ in
                    try Group(row).json
                }
            )
        }
        requiring("groups.create", router).post("groups", use: create)
        requiring("groups.{group_uuid}.read", router).get("groups/:group_uuid") { request, context in
            let (id, scope) = (try AuthCore.name("group_uuid", context), try await core.caller(request, context).scope)
            return try answer(await core.read { try Self.find(id, scope, $0).json })
        }
        requiring("groups.{group_uuid}.update", router).put("groups/:group_uuid", use: update)
        requiring("groups.{group_uuid}.delete", router).delete("groups/:group_uuid", use: delete)
        addUsers(to: router)
        addPolicies(to: router)
    }

    static func find(_ id: String, _ scope: TenantScope, _ sql: any SQLConnection) throws -> Group {
        guard let group = try Group.find(id, scope, sql) else { throw WebError.unknown("group", id) }
        return group
    }

    /// A group that may be changed.
    private static func changeable(_ id: String, _ scope: TenantScope, _ sql: any SQLConnection) throws -> Group {
        let group = try find(id, scope, sql)
        guard !group.isSystemManaged else {
            throw WebError.api(
                .forbidden,
                "system-managed-group",
                "The group \"\(group.name)\" is kept by the service itself",
                resource: "groups"
            )
        }
        return group
    }

    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try await core.caller(request, context)
        let body = try await request.json(Body.self, context)
        try body.check()
        let group = Group(
            uuid: UUID.lowercase,
            tenant: caller.tenant,
            name: body.name,
            slug: body.slug ?? Field.slug(of: body.name, 80)
        )
        try await core.write { sql in
            try Self.checkFree(group, sql)
            try group.insert(sql)
        }
        return try answer(group.json)
    }

    private static func checkFree(_ group: Group, _ sql: any SQLConnection) throws {
        let others = try sql.count(
            "SELECT count(*) AS n FROM user_groups WHERE tenant_uuid = ? AND uuid <> ? AND (name = ? OR slug = ?)",
            [.text(group.tenant), .text(group.uuid), .text(group.name), .text(group.slug)]
        )
        guard others == 0 else {
            throw WebError.api(
                .conflict,
                "conflict",
                "The name \"\(group.name)\" is already used",
                details: ["name": ["constraint_id": "unique", "constraint": "unique", "message": "already used"]],
                resource: "groups"
            )
        }
    }

    private func update(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, scope) = (try AuthCore.name("group_uuid", context), try await core.caller(request, context).scope)
        let body = try await request.json(Body.self, context)
        try body.check()
        let group = try await core.write { sql in
            var group = try Self.changeable(id, scope, sql)
            group.name = body.name
            try Self.checkFree(group, sql)
            try sql.run("UPDATE user_groups SET name = ? WHERE uuid = ?", .text(group.name), .text(group.uuid))
            return group
        }
        return try answer(group.json)
    }

    private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, caller) = (try AuthCore.name("group_uuid", context), try await core.caller(request, context))
        try await core.write { sql in
            let group = try Self.changeable(id, caller.scope, sql)
            try caller.mayWithdraw(group.acl(sql))
            try sql.run("DELETE FROM user_groups WHERE uuid = ?", .text(group.uuid))
        }
        return done
    }

    /// What belongs to the group of the path, by a condition with the group's uuid in it.
    private func list(
        _ table: ListTable,
        where own: String,
        _ request: Request,
        _ context: WebContext,
        item: @escaping @Sendable (SQLRow, any SQLConnection) throws -> JSONValue
    ) async throws -> Response {
        let id = try AuthCore.name("group_uuid", context)
        let page = try await list(table, request, context) { _, caller, sql in
            SQLCondition(own, [.text(try Self.find(id, caller.scope, sql).uuid)])
        } item: {
            try item($0, $1)
        }
        return try answer(page)
    }

    private func addUsers(to router: some RouterMethods<WebContext>) {
        requiring("groups.{group_uuid}.users.read", router).get("groups/:group_uuid/users") { request, context in
            let own = "uuid IN (SELECT user_uuid FROM group_users WHERE group_uuid = ?)"
            return try await list(User.table, where: own, request, context) { try User($0, $1).json }
        }
        requiring("groups.{group_uuid}.users.{user_uuid}.create", router)
            .put("groups/:group_uuid/users/:user_uuid") { request, context in
                try await setMember(request, context, isIn: true)
            }
        requiring("groups.{group_uuid}.users.{user_uuid}.delete", router)
            .delete("groups/:group_uuid/users/:user_uuid") { request, context in
                try await setMember(request, context, isIn: false)
            }
    }

    private func setMember(_ request: Request, _ context: WebContext, isIn: Bool) async throws -> Response {
        let (id, member) = (try AuthCore.name("group_uuid", context), try core.user(in: context))
        let caller = try await core.caller(request, context)
        try await core.write { sql in
            let group = try Self.changeable(id, caller.scope, sql)
            let user = try UserRoutes.find(member, caller.scope, sql)
            guard user.tenant == group.tenant else {
                throw WebError.api(
                    .badRequest,
                    "missmatching-tenant",
                    "The user and the group are of different tenants",
                    details: ["group_tenant_uuid": group.tenant, "user_tenant_uuid": user.tenant]
                )
            }
            if isIn {
                try caller.mayGrant(group.acl(sql))
                try group.add(user: user.uuid, sql)
            } else {
                try caller.mayWithdraw(group.acl(sql))
                guard try group.remove(user: user.uuid, sql) else { throw WebError.unknown("user", member) }
            }
        }
        return done
    }

    private func addPolicies(to router: some RouterMethods<WebContext>) {
        requiring("groups.{group_uuid}.policies.read", router).get("groups/:group_uuid/policies") { request, context in
            let own = "uuid IN (SELECT policy_uuid FROM group_policies WHERE group_uuid = ?)"
            return try await list(Policy.table, where: own, request, context) { row, _ in try Policy(row).json }
        }
        requiring("groups.{group_uuid}.policies.{policy}.create", router)
            .put("groups/:group_uuid/policies/:policy") { request, context in
                try await setPolicy(request, context, isGiven: true)
            }
        requiring("groups.{group_uuid}.policies.{policy}.delete", router)
            .delete("groups/:group_uuid/policies/:policy") { request, context in
                try await setPolicy(request, context, isGiven: false)
            }
    }

    /// The policies of a tenant's own group of all users may be changed: that is how everybody is allowed something.
    private func setPolicy(_ request: Request, _ context: WebContext, isGiven: Bool) async throws -> Response {
        let (id, name) = (try AuthCore.name("group_uuid", context), try AuthCore.name("policy", context))
        let caller = try await core.caller(request, context)
        try await core.write { sql in
            let group = try Self.find(id, caller.scope, sql)
            guard let policy = try Policy.find(name, caller.scope, sql) else { throw WebError.noSuchPolicy(name) }
            if isGiven {
                try caller.mayGrant(policy.acl)
                try sql.run(
                    "INSERT INTO group_policies (group_uuid, policy_uuid) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    .text(group.uuid),
                    .text(policy.uuid)
                )
            } else {
                try caller.mayWithdraw(policy.acl)
                let removed = try sql.run(
                    "DELETE FROM group_policies WHERE group_uuid = ? AND policy_uuid = ? RETURNING group_uuid",
                    .text(group.uuid),
                    .text(policy.uuid)
                )
                guard !removed.isEmpty else { throw WebError.noSuchPolicy(name) }
            }
        }
        return done
    }
}
