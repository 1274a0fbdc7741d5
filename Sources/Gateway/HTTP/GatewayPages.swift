import NIOCore
import NIOHTTP1
import Registry

/// The pages for probes and for Prometheus, made elsewhere and served on the gateway's own port: `/status` and `/status/live` to
/// everybody, `/metrics` to operators and to peers on this host, `/openapi.json`, `/docs` and those below `/fleet` to everybody.
package struct GatewayPages: Sendable {
    /// Makes one page, or nil where there is none: path -> status, content type, body.
    package typealias Page = @Sendable (_ path: String) async -> (status: Int, contentType: String, body: String)?

    /// Makes one page of the description of an API, or nil where there is none: path -> status, headers, body.
    package typealias Document =
        @Sendable (_ path: String) -> (status: Int, headers: [(name: String, value: String)], body: ByteBuffer)?

    private let status: Page?
    private let metrics: Page?
    private let document: Document?

    package init(status: Page? = nil, metrics: Page? = nil, document: Document? = nil) {
        self.status = status
        self.metrics = metrics
        self.document = document
    }

    /// - Parameters:
    ///   - request: one that was let in, if it is for `/metrics`.
    ///   - otherwise: answers `/status` where nobody makes that page.
    /// - Returns: nil when the request is for something else.
    func decide(
        _ request: GatewayRequest,
        otherwise: @Sendable () -> GatewayAnswer
    ) -> RequestDispatcher.Decision? {
        let path = String(request.head.uri.prefix { $0 != "?" })
        switch path {
        case "/status", "/status/live":
            if let status { return .compute { await Self.answer(await status(path)) } }
            return .answer(path == "/status" ? otherwise() : .json(["status": "ok"]))
        case "/metrics":
            guard let metrics else { return nil }
            return .compute { await Self.answer(await metrics(path)) }
        default:
            guard request.head.method == .GET, let page = document?(path) else { return nil }
            return .answer(
                GatewayAnswer(
                    status: HTTPResponseStatus(statusCode: page.status),
                    headers: HTTPHeaders(page.headers.map { ($0.name, $0.value) }),
                    body: page.body
                )
            )
        }
    }

    private static func answer(_ page: (status: Int, contentType: String, body: String)?) async -> GatewayAnswer {
        guard let page else { return .error(.notFound, "Resource not found") }
        return GatewayAnswer(
            status: HTTPResponseStatus(statusCode: page.status),
            headers: ["Content-Type": page.contentType],
            body: ByteBuffer(string: page.body)
        )
    }
}

extension GatewayRequest {
    /// Whether it comes from a program on this host, and not through a proxy on it.
    var isFromThisHost: Bool {
        let proxied = ["X-Forwarded-For", "X-Real-IP", "Forwarded"].contains { head.headers.contains(name: $0) }
        guard !proxied, let address = peer?.ipAddress else { return false }
        return address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}
