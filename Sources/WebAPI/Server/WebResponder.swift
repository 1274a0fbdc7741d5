import HTTPTypes
import Hummingbird
import Telemetry

/// What is done around every request, before its route is looked up and after it has answered.
struct WebResponder: HTTPResponder {
    let settings: WebSettings
    let router: RouterResponder<WebContext>
    let times: RequestTimes

    func respond(to request: Request, context: WebContext) async throws -> Response {
        let began = ContinuousClock.now
        var context = context
        context.prepare(for: request, settings)
        var head = request.head
        if let path = Self.withoutPrefix(head.path ?? "/", settings.prefixes) { head.path = path }
        var response = try await router.respond(to: Request(head: head, body: request.body), context: context)
        // Errors are made without regard to the method; a body here would be read as the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        // Not allowed there (RFC 9110, 8.6).
        if response.status == .noContent { response.headers[.contentLength] = nil }
        response.headers[.requestID] = context.requestID
        response.headers[.contentTypeOptions] = "nosniff"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        let time = ContinuousClock.now - began
        times.record(
            method: request.method.rawValue,
            status: response.status.code,
            nanoseconds: Int64(time / .nanoseconds(1))
        )
        return response
    }

    /// A request's target as the routes know it.
    /// - Returns: nil when it has none of the prefixes.
    static func withoutPrefix(_ target: String, _ prefixes: [String]) -> String? {
        for prefix in prefixes where target.hasPrefix(prefix) {
            let rest = target.dropFirst(prefix.count)
            if rest.isEmpty { return "/" }
            if rest.first == "/" { return String(rest) }
            if rest.first == "?" { return "/" + rest }
        }
        return nil
    }
}

extension HTTPField.Name {
    // Names that are valid as they stand here.
    static let requestID = HTTPField.Name(RequestID.header) ?? .from
    static let contentTypeOptions = HTTPField.Name("X-Content-Type-Options") ?? .from
}
