import ARI
import Access
import HTTPTypes
import Hummingbird
import Logging
import Telemetry
import WebAPI

/// What the service says of itself, and of the ways to log in that it does not have.
struct ServiceRoutes: AuthRouting {
    let core: AuthCore
    let health: Health
    /// The description of the API.
    let description: JSONValue?

    /// Methods and paths of single sign-on, directories, other services' accounts and mail, none of which is configured.
    private static let absent: [(methods: [HTTPRequest.Method], path: RouterPath, what: String)] = [
        ([.get, .put, .delete], "backends/ldap", "LDAP"),
        ([.get, .post, .put, .delete], "backends/saml", "SAML"),
        ([.get], "backends/saml/metadata", "SAML"),
        ([.get], "backends/saml/acs_url_template", "SAML"),
        ([.post], "saml/sso", "SAML"),
        ([.post], "saml/acs", "SAML"),
        ([.get], "saml/logout", "SAML"),
        ([.get], "saml/sls", "SAML"),
        ([.put], "idp/:idp_type/users", "another identity provider"),
        ([.put, .delete], "idp/:idp_type/users/:user_uuid", "another identity provider"),
        ([.get, .post, .put, .delete], "external/:auth_type/config", "accounts of other services"),
        ([.get], "external/:auth_type/users", "accounts of other services"),
        ([.get, .post, .put, .delete], "users/:user_uuid/external/:auth_type", "accounts of other services"),
        ([.get], "users/:user_uuid/external/mobile/sender_id", "accounts of other services"),
        ([.post], "users/register", "registration by users themselves"),
        ([.get, .post], "users/password/reset", "mail"),
        ([.get], "users/:user_uuid/emails/:email_uuid/confirm", "mail"),
        ([.get, .put], "emails/:email_uuid/confirm", "mail"),
    ]

    func add(to router: some RouterMethods<WebContext>) {
        router.head("status") { _, _ in Response(status: health.status.ready ? .ok : .serviceUnavailable) }
        router.get("backends") { _, _ in try JSONBody.answer(["data": ["wazo_user"]]) }
        requiring("idp.read", router).get("idp") { _, _ in
            try answer(ListPage(items: [.string("native")], total: 1, filtered: 1))
        }
        requiring("users.{user_uuid}.external.read", router).get("users/:user_uuid/external") { request, context in
            let (id, scope) = (try core.user(in: context), try await core.caller(request, context).scope)
            _ = try await core.read { try UserRoutes.find(id, scope, $0) }
            return try answer(ListPage(items: [], total: 0, filtered: 0))
        }
        // JSON is YAML (YAML 1.2 section 1.3).
        router.get("api/api.yml") { _, context in
            guard let description else { throw HTTPError(.notFound) }
            let document = SwaggerDocument.make(
                of: description,
                basePath: "/0.1",
                below: context.forwarded.scriptName
            )
            var response = try JSONBody.answer(document)
            response.headers[.contentType] = "application/x-yaml"
            return response
        }
        for absent in Self.absent {
            for method in absent.methods {
                router.on(absent.path, method: method) { _, _ -> Response in
                    throw WebError.api(
                        .notFound,
                        "not-configured",
                        "This service does not have \(absent.what) configured: users log in with name and password",
                        resource: "external"
                    )
                }
            }
        }
    }
}
