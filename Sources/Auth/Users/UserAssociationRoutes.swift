import ARI
import Access
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// What a user has: groups, policies, sessions, refresh tokens.
struct UserAssociationRoutes: AuthRouting {
    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("users.{user_uuid}.groups.read", router).get("users/:user_uuid/groups") { request, context in
            try answer(
                await listed(Group.table, request, context) { user in
                    SQLCondition("uuid IN (SELECT group_uuid FROM group_users WHERE user_uuid = ?)", [.text(user)])
                } item: { row, _ in
                    try Group(row).json
                }
            )
        }
        requiring("users.{user_uuid}.policies.read", router).get("users/:user_uuid/policies") { request, context in
            try answer(
                await listed(Policy.table, request, context) { user in
                    SQLCondition("uuid IN (SELECT policy_uuid FROM user_policies WHERE user_uuid = ?)", [.text(user)])
                } item: { row, _ in
                    try Policy(row).json
                }
            )
        }
        requiring("users.{user_uuid}.sessions.read", router).get("users/:user_uuid/sessions") { request, context in
            let now = Int(core.now().timeIntervalSince1970)
            return try answer(
                await listed(Session.table, request, context) { user in
                    SQLCondition("user_uuid = ? AND expires >= ?", [.text(user), SQLValue(now)])
                } item: { row, _ in
                    try Session(row).json
                }
            )
        }
        requiring("users.{user_uuid}.tokens.read", router).get("users/:user_uuid/tokens") { request, context in
            try answer(
                await listed(RefreshToken.table, request, context) { user in
                    SQLCondition("user_uuid = ?", [.text(user)])
                } item: { row, _ in
                    try RefreshToken(row).json(tenant: row.required("tenant_uuid"))
                }
            )
        }
        requiring("users.{user_uuid}.policies.{policy}.create", router)
            .put("users/:user_uuid/policies/:policy") { request, context in
                try await setPolicy(request, context, isGiven: true)
            }
        requiring("users.{user_uuid}.policies.{policy}.delete", router)
            .delete("users/:user_uuid/policies/:policy") { request, context in
                try await setPolicy(request, context, isGiven: false)
            }
        requiring("users.{user_uuid}.sessions.{session_uuid}.delete", router)
            .delete("users/:user_uuid/sessions/:session_uuid", use: endSession)
        requiring("users.{user_uuid}.tokens.{client_id}.delete", router)
            .delete("users/:user_uuid/tokens/:client_id", use: revoke)
    }

    private func listed(
        _ table: ListTable,
        _ request: Request,
        _ context: WebContext,
        where condition: @escaping @Sendable (String) -> SQLCondition,
        item: @escaping @Sendable (SQLRow, any SQLConnection) throws -> JSONValue
    ) async throws -> ListPage<JSONValue> {
        let id = try core.user(in: context)
        return try await list(table, request, context) { _, caller, sql in
            condition(try UserRoutes.find(id, caller.scope, sql).uuid)
        } item: {
            try item($0, $1)
        }
    }

    private func setPolicy(_ request: Request, _ context: WebContext, isGiven: Bool) async throws -> Response {
        let (id, name) = (try core.user(in: context), try AuthCore.name("policy", context))
        let caller = try await core.caller(request, context)
        try await core.write { sql in
            let user = try UserRoutes.find(id, caller.scope, sql)
            guard let policy = try Policy.find(name, caller.scope, sql) else { throw WebError.noSuchPolicy(name) }
            if isGiven {
                try caller.mayGrant(policy.acl)
                try sql.run(
                    "INSERT INTO user_policies (user_uuid, policy_uuid) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    .text(user.uuid),
                    .text(policy.uuid)
                )
            } else {
                try caller.mayWithdraw(policy.acl)
                let removed = try sql.run(
                    "DELETE FROM user_policies WHERE user_uuid = ? AND policy_uuid = ? RETURNING user_uuid",
                    .text(user.uuid),
                    .text(policy.uuid)
                )
                guard !removed.isEmpty else { throw WebError.noSuchPolicy(name) }
            }
        }
        return done
    }

    private func endSession(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, session) = (try core.user(in: context), try AuthCore.name("session_uuid", context))
        let caller = try await core.caller(request, context)
        let ended = try await core.write { sql in
            let user = try UserRoutes.find(id, caller.scope, sql)
            let ended = try Session.delete(
                SQLCondition("uuid = ? AND user_uuid = ?", [.text(session), .text(user.uuid)]),
                sql
            )
            guard !ended.isEmpty else { throw WebError.unknown("session", session) }
            return ended
        }
        await core.announcer.announce(ended.map(AuthEvent.sessionDeleted))
        return done
    }

    private func revoke(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, client) = (try core.user(in: context), try AuthCore.name("client_id", context))
        let caller = try await core.caller(request, context)
        let events = try await core.write { sql in
            let user = try UserRoutes.find(id, caller.scope, sql)
            let condition = SQLCondition("user_uuid = ? AND client_id = ?", [.text(user.uuid), .text(client)])
            // Sessions that were made with it live on until they expire.
            let revoked = try sql.run(
                "DELETE FROM refresh_tokens WHERE \(condition.text) RETURNING *",
                condition.values
            )
            guard !revoked.isEmpty else { throw WebError.unknown("token", client) }
            return try revoked.map { AuthEvent.refreshTokenDeleted(try RefreshToken($0), tenant: user.tenant) }
        }
        await core.announcer.announce(events)
        return done
    }
}

extension WebError {
    static func noSuchPolicy(_ name: String) -> WebError { .tokenService(.notFound, "No such policy \(name)") }
}
