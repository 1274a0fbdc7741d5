import ARI
import EventBus
import Foundation
import NIOCore
import NIOFoundationCompat

/// What happened in the auth service, as wazo-bus shapes it.
struct AuthEvent: Sendable, Hashable {
    var name: String
    var routingKey: String
    var tenant: String
    /// The user whose matter it is; nil for everybody of the tenant.
    var user: String?
    var data: JSONValue

    /// - Parameters:
    ///   - installation: `origin_uuid`.
    ///   - timestamp: ISO 8601.
    func event(installation: String, timestamp: String) -> ServiceEvent {
        let headers: [String: ServiceEvent.Header] = [
            "name": .text(name), "origin_uuid": .text(installation), "timestamp": .text(timestamp),
            "required_access": .text("event.\(name)"), "required_acl": .text("events.\(routingKey)"),
            "tenant_uuid": .text(tenant), "user_uuid:\(user ?? "*")": .flag(true),
        ]
        var body: [String: JSONValue] = headers.mapValues { header in
            switch header {
            case .text(let text): .string(text)
            case .flag(let flag): .bool(flag)
            case .null: .null
            }
        }
        body["data"] = data
        return ServiceEvent(
            routingKey: routingKey,
            headers: headers,
            body: ByteBuffer(string: StoredJSON.write(JSONValue.object(body)))
        )
    }

    /// A word of a routing key made of what clients chose, as wazo-bus escapes it.
    static func escaped(_ word: String) -> String {
        word.replacing(".", with: "__DOT__").replacing("#", with: "__HASH__").replacing("*", with: "__STAR__")
    }
}

extension AuthEvent {
    static func sessionCreated(_ session: Session) -> AuthEvent { .init("auth_session_created", "created", session) }
    static func sessionDeleted(_ session: Session) -> AuthEvent { .init("auth_session_deleted", "deleted", session) }

    static func sessionExpiresSoon(_ session: Session) -> AuthEvent {
        var event = AuthEvent("auth_session_expire_soon", "", session)
        event.routingKey = "auth.users.\(session.user).sessions.\(session.uuid).expire_soon"
        return event
    }

    static func refreshTokenCreated(_ token: RefreshToken, tenant: String) -> AuthEvent {
        .init("created", token, tenant)
    }

    static func refreshTokenDeleted(_ token: RefreshToken, tenant: String) -> AuthEvent {
        .init("deleted", token, tenant)
    }

    static func tenant(_ tenant: Tenant, _ what: String) -> AuthEvent {
        AuthEvent(
            name: "auth_tenant_\(what)",
            routingKey: "auth.tenants.\(tenant.uuid).\(what == "added" ? "created" : what)",
            tenant: tenant.uuid,
            user: nil,
            data: .object(["uuid": .string(tenant.uuid), "name": .text(tenant.name), "slug": .string(tenant.slug)])
        )
    }

    private init(_ name: String, _ what: String, _ session: Session) {
        self.init(
            name: name,
            routingKey: "auth.sessions.\(session.uuid).\(what)",
            tenant: session.tenant,
            user: session.user,
            data: session.json
        )
    }

    private init(_ what: String, _ token: RefreshToken, _ tenant: String) {
        self.init(
            name: "auth_refresh_token_\(what)",
            routingKey: "auth.users.\(token.user).tokens.\(Self.escaped(token.client)).\(what)",
            tenant: tenant,
            user: token.user,
            data: .object([
                "client_id": .string(token.client), "mobile": .bool(token.isMobile), "user_uuid": .string(token.user),
                "tenant_uuid": .string(tenant),
            ])
        )
    }
}
