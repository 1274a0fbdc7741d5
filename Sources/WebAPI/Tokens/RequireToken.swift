import Access
import HTTPTypes
import Hummingbird

/// Lets through who has a token that grants a scope, in `X-Auth-Token` or `Authorization: Bearer`.
package struct RequireToken: RouterMiddleware {
    private let tokens: (any TokenChecking)?
    private let scope: ScopePattern

    /// - Parameters:
    ///   - scope: such as `auth.users.{user_uuid}.read`; the braces name parameters of the route.
    ///   - tokens: nil lets everybody through, for a service whose settings say so.
    package init(_ scope: ScopePattern, from tokens: (any TokenChecking)?) {
        self.scope = scope
        self.tokens = tokens
    }

    package func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let tokens else { return try await next(request, context) }
        var context = context
        context.token = try await Self.check(request, scope.scope(context), tokens)
        return try await next(request, context)
    }

    /// The token of a request, once it is found to grant a scope.
    /// - Throws: ``WebError``: 401 without a token or with one that does not do, 503 when nobody can say.
    static func check(
        _ request: Request,
        _ scope: String,
        _ tokens: any TokenChecking
    ) async throws(WebError) -> AccessToken {
        let id = request.headers.tokenID ?? ""
        do {
            return try await tokens.token(id, scope: scope)
        } catch {
            throw WebError(error, token: id, scope: scope)
        }
    }
}

extension HTTPFields {
    /// The token that a client gave.
    package var tokenID: String? {
        if let name = HTTPField.Name("X-Auth-Token"), let id = self[name] { return id }
        guard let value = self[.authorization], value.prefix(7).lowercased() == "bearer " else { return nil }
        return String(value.dropFirst(7).drop { $0 == " " })
    }
}

extension WebError {
    /// What a client without a good token is told; the wire has 401 for one that grants too little as well.
    package init(_ error: TokenError, token: String, scope: String) {
        var details: [String: any Encodable & Sendable] = ["invalid_token": token, "required_access": scope]
        switch error {
        case .unknown: details["reason"] = "not_found_or_expired"
        case .forbidden: details["reason"] = "missing_permission_or_invalid_tenant"
        case .unreachable:
            self = .api(
                .serviceUnavailable,
                "authentication-server-unreachable",
                "The authentication service cannot be reached",
                details: ["reason": "unreachable"]
            )
            return
        }
        self = .api(.unauthorized, "unauthorized", "Unauthorized", details: details)
    }
}

extension RouterMethods where Context == WebContext {
    /// Routes that need a token.
    package func requiring(_ scope: ScopePattern, from tokens: (any TokenChecking)?) -> RouterGroup<WebContext> {
        group().add(middleware: RequireToken(scope, from: tokens))
    }
}
