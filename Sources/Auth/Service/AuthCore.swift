import Access
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import WebAPI

/// What all routes of one instance share.
package struct AuthCore: Sendable {
    let store: any SQLStore
    let passwords: PasswordHasher
    let logins: LoginGuard
    let announcer: AuthAnnouncer
    let maximumSessions: Int
    /// `xivo_uuid`: which installation this is; the same for all its instances.
    let installation: String
    let metrics: AuthMetrics
    let logger: Logger
    let now: @Sendable () -> Date

    init(
        settings: AuthSettings,
        store: any SQLStore,
        passwords: PasswordHasher,
        installation: String,
        announcer: AuthAnnouncer,
        metrics: AuthMetrics,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.passwords = passwords
        self.installation = installation
        self.announcer = announcer
        self.metrics = metrics
        self.logger = logger
        self.now = now
        logins = LoginGuard(settings.logins)
        maximumSessions = settings.maximumSessions
    }

    /// - Throws: ``WebError``, also one that `body` throws.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        do throws(StoreError) {
            return try await store.read(body)
        } catch { throw answer(to: error) }
    }

    /// - Throws: ``WebError``, also one that `body` throws: then nothing was done.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        do throws(StoreError) {
            return try await store.write(body)
        } catch { throw answer(to: error) }
    }

    private func answer(to error: StoreError) -> any Error {
        switch error {
        case .refused(let reason): return reason
        case .unavailable(let detail):
            logger.warning("the store cannot be used", metadata: ["error": "\(detail)"])
            return WebError.api(
                .serviceUnavailable,
                "store-unavailable",
                "The store of tokens and users does not answer"
            )
        case .duplicate: return WebError.api(.conflict, "conflict", "Something of that name exists already")
        case .missingReference: return WebError.api(.notFound, "not-found", "What is referred to does not exist")
        case .unusableText: return WebError.invalid("body", "a text has a zero byte")
        case .broken: return error
        }
    }
}

extension WebError {
    /// 400: a field does not have a value that can be used.
    static func invalid(_ field: String, _ problem: String) -> WebError {
        .api(.badRequest, "invalid-data", "Invalid input: \(field): \(problem)", details: [field: problem])
    }

    static let loginFailed = WebError.tokenService(.unauthorized, "Authentication Failed")

    /// 404 in API style.
    /// - Parameter kind: such as `user`.
    static func unknown(_ kind: String, _ id: String) -> WebError {
        .api(.notFound, "unknown-\(kind)", "No such \(kind): \"\(id)\"", details: ["uuid": id], resource: "\(kind)s")
    }
}

/// Who asks, and for which tenant.
struct Caller: Sendable {
    let token: AccessToken
    let access: AccessCheck
    /// The tenant that is meant: the one of `Wazo-Tenant`, else the token's.
    let tenant: String

    /// What of all tenants the caller sees.
    var scope: TenantScope { TenantScope(tenant: tenant) }

    /// For a list, that shows tenants below only when asked.
    func scope(_ request: ListRequest) -> TenantScope { TenantScope(tenant: tenant, recurse: request.recurse) }

    /// - Throws: ``WebError`` 401 for what the caller may not do himself.
    func mayGrant(_ acl: some Sequence<String>) throws {
        for access in acl where !self.access.mayGrant(access) {
            throw WebError.tokenService(.unauthorized, "Unauthorized for \(access)")
        }
    }

    /// - Throws: ``WebError`` 401.
    func mayWithdraw(_ acl: some Sequence<String>) throws {
        for access in acl where !self.access.mayWithdraw(access) {
            throw WebError.tokenService(.unauthorized, "Unauthorized for \(access)")
        }
    }
}

extension AuthCore {
    /// Who made a request that its route has found a good token in.
    /// - Throws: ``WebError`` 401 for a tenant that is not the token's or below it.
    func caller(_ request: Request, _ context: WebContext) async throws -> Caller {
        guard let token = context.token, let own = token.metadata.tenantUUID else {
            throw WebError.api(.unauthorized, "unauthorized", "Unauthorized")
        }
        let access = token.accessCheck
        guard let name = HTTPField.Name("Wazo-Tenant"), let named = request.headers[name], named != own else {
            return Caller(token: token, access: access, tenant: own)
        }
        guard try await read({ try TenantScope(tenant: own).contains(named, $0) }) else {
            throw WebError.api(
                .unauthorized,
                "unauthorized-tenant",
                "Unauthorized for tenant \"\(named)\"",
                details: ["tenant_uuid": named]
            )
        }
        return Caller(token: token, access: access, tenant: named)
    }

    /// A user's uuid in a path, where `me` is who asks.
    func user(in context: WebContext) throws(WebError) -> String {
        let name = try Self.name("user_uuid", context)
        guard name == "me" else { return name }
        guard let own = context.token?.metadata.uuid else { throw .unknown("user", name) }
        return own
    }

    /// What a path names.
    /// - Throws: ``WebError`` 404 for what nothing can be called.
    static func name(_ parameter: String, _ context: WebContext) throws(WebError) -> String {
        let name = try context.parameter(parameter)
        guard !name.utf8.contains(0) else { throw .api(.notFound, "not-found", "Not Found") }
        return name
    }
}
