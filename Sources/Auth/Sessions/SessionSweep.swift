import Foundation
import Logging
import ServiceLifecycle
import Telemetry

/// Ends sessions whose tokens have expired, and warns of those that soon will.
struct SessionSweep: Service, CustomStringConvertible {
    /// How long before its expiry a session is spoken of; shorter ones are not.
    static let warning = 15 * 60
    /// Sessions ended at a time, so that logins need not wait.
    private static let portion = 500

    let core: AuthCore
    let interval: Duration
    let health: Health

    var description: String { "session sweep" }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await sweep()
                    health.good("store")
                } catch {
                    health.bad("store", "cannot be used")
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// One round; what another instance has taken is not taken again.
    func sweep() async throws {
        let now = Int(core.now().timeIntervalSince1970)
        var ended: [Session]
        repeat {
            ended = try await core.write { sql in
                try Session.delete(
                    SQLCondition(
                        "uuid IN (SELECT uuid FROM sessions WHERE expires < ? LIMIT ?)",
                        [SQLValue(now), SQLValue(Self.portion)]
                    ),
                    sql
                )
            }
            await core.announcer.announce(ended.map(AuthEvent.sessionDeleted))
        } while ended.count == Self.portion && !Task.isCancelled
        let soon = try await core.write { sql in
            try sql.run(
                """
                UPDATE sessions SET warned = 1 WHERE uuid IN (
                    SELECT uuid FROM sessions WHERE warned = 0 AND expires >= ? AND expires <= ? AND expires - issued > ? LIMIT ?
                ) RETURNING *
                """,
                SQLValue(now),
                SQLValue(now + Self.warning),
                SQLValue(2 * Self.warning),
                SQLValue(Self.portion)
            ).map { row in try Session(row) }
        }
        await core.announcer.announce(soon.map(AuthEvent.sessionExpiresSoon))
    }
}
