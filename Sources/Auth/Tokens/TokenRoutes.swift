import ARI
import Access
import HTTPTypes
import Hummingbird
import WebAPI

/// Logins, and what there is to ask of a token: who has the token needs no other.
struct TokenRoutes: Sendable {
    let core: AuthCore

    func add(to router: some RouterMethods<WebContext>) {
        router.post("token", use: create)
        router.get("token/:token") { request, context in
            try JSONBody.answer(["data": try await granted(request, context)])
        }
        router.head("token/:token") { request, context in
            _ = try await granted(request, context)
            return Response(status: .noContent)
        }
        router.delete("token/:token", use: revoke)
        router.post("token/:token/scopes/check", use: checkScopes)
    }

    private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await request.json(TokenRequest.self, context)
        try body.check()
        let isMobile = HTTPField.Name("Wazo-Session-Type").flatMap { request.headers[$0] }?.lowercased() == "mobile"
        let source = LoginSource(
            isMobile: isMobile,
            userAgent: String((request.headers[.userAgent] ?? "").prefix(256)),
            address: context.clientAddress
        )
        let credentials = BasicCredentials(header: request.headers[.authorization])
        // Single sign-on is not configured, so no session of it is anybody's.
        let grant = try await core.login(body, body.saml_session_id == nil ? credentials : nil, source)
        var headers = HTTPFields()
        if let name = HTTPField.Name("Wazo-Sessions-Revoked") { headers[name] = String(grant.revoked) }
        return try JSONBody.answer(["data": grant.token], headers: headers)
    }

    /// The token of the path, if it grants the scope and tenant of the query.
    private func granted(_ request: Request, _ context: WebContext) async throws -> AccessToken {
        let token = try await known(context)
        if let scope = request.uri.queryParameters["scope"].map(String.init), !token.accessCheck.allows(scope) {
            throw WebError.tokenService(.forbidden, "Unauthorized for \(scope)")
        }
        try await check(tenant: request.uri.queryParameters["tenant"].map(String.init), token)
        return token
    }

    private func known(_ context: WebContext) async throws -> AccessToken {
        do {
            return try await core.token(context.parameter("token"))
        } catch is TokenError {
            throw WebError.tokenService(.notFound, "No such token")
        } catch let error as WebError where error.status == .notFound {
            throw WebError.tokenService(.notFound, "No such token")
        }
    }

    private func check(tenant: String?, _ token: AccessToken) async throws {
        guard let tenant, !tenant.isEmpty else { return }
        let scope = TenantScope(tenant: token.metadata.tenantUUID ?? "")
        guard try await core.read({ try scope.contains(tenant, $0) }) else {
            throw WebError.tokenService(.forbidden, "Unauthorized for tenant \(tenant)")
        }
    }

    private func revoke(_ request: Request, _ context: WebContext) async throws -> Response {
        if let id = try? context.parameter("token"), AccessToken.isPlausible(id) {
            let ended = try await core.write { sql in
                try Session.delete(SQLCondition("token = ?", [.text(Session.hash(id))]), sql)
            }
            await core.announcer.announce(ended.map(AuthEvent.sessionDeleted))
        }
        return try JSONBody.answer(["data": ["message": "success"]])
    }

    private struct ScopesRequest: Decodable, Sendable {
        var scopes: [String]
        var tenant_uuid: String?
    }

    private func checkScopes(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try await known(context)
        let body = try await request.json(ScopesRequest.self, context)
        try await check(tenant: body.tenant_uuid, token)
        let access = token.accessCheck
        let answers = Dictionary(body.scopes.map { ($0, access.allows($0)) }) { first, _ in first }
        return try JSONBody.answer(["scopes": answers])
    }
}
