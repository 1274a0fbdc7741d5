import ARI
import Access
import Foundation
import HTTPTypes
import Hummingbird
import WebAPI

/// Sessions and refresh tokens of all users.
struct SessionRoutes: AuthRouting {
    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        requiring("sessions.read", router).get("sessions") { request, context in
            let now = Int(core.now().timeIntervalSince1970)
            return try answer(
                await list(Session.table, request, context) { wanted, caller, _ in
                    caller.scope(wanted).condition("tenant_uuid").and("expires >= ?", SQLValue(now))
                } item: { row, _ in
                    try Session(row).json
                }
            )
        }
        requiring("sessions.{session_uuid}.delete", router).delete("sessions/:session_uuid") { request, context in
            let id = try AuthCore.name("session_uuid", context)
            let scope = try await core.caller(request, context).scope
            let ended = try await core.write { sql in
                try Session.delete(scope.condition("tenant_uuid").and("uuid = ?", .text(id)), sql)
            }
            guard !ended.isEmpty else { throw WebError.unknown("session", id) }
            await core.announcer.announce(ended.map(AuthEvent.sessionDeleted))
            return done
        }
        requiring("tokens.read", router).get("tokens") { request, context in
            try answer(
                await list(RefreshToken.table, request, context) { wanted, caller, _ in
                    caller.scope(wanted).condition("tenant_uuid")
                } item: { row, _ in
                    try RefreshToken(row).json(tenant: row.required("tenant_uuid"))
                }
            )
        }
    }
}
