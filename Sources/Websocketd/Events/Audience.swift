import Access
import EventBus

/// Whom an event is for, by its headers `tenant_uuid` and `user_uuid:<uuid>`: what wazo-websocketd of today lets RabbitMQ decide by
/// bindings. An event without either, as in the days before tenants, is for everybody whom its ACL lets have it.
package struct Audience: Sendable, Hashable {
    private static let userPrefix = "user_uuid:"

    private let tenant: String?
    /// `*` is every user of the tenant; nil where the event names none.
    private let users: Set<String>?

    package init(_ headers: [String: ServiceEvent.Header]) {
        if case .text(let tenant) = headers["tenant_uuid"], !tenant.isEmpty {
            self.tenant = tenant
        } else {
            tenant = nil
        }
        let named = headers.filter { $0.key.hasPrefix(Self.userPrefix) && $0.value == .flag(true) }
        users = named.isEmpty ? nil : Set(named.keys.map { String($0.dropFirst(Self.userPrefix.count)) })
    }

    /// - Parameter masterTenant: the tenant whose users see every tenant's events; nil if none is known.
    package func includes(_ owner: AccessToken.Metadata, masterTenant: String?) -> Bool {
        let isMaster = masterTenant != nil && owner.tenantUUID == masterTenant
        if let tenant, tenant != owner.tenantUUID, !isMaster { return false }
        guard let users, !isMaster, !owner.isAdmin, !users.contains("*") else { return true }
        return owner.uuid.map(users.contains) ?? false
    }
}
