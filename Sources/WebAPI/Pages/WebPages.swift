import Access
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Telemetry

/// The pages that every HTTP API has: `/status`, `/status/live`, `/metrics`, `/openapi.json` and `/docs`.
package struct WebPages: Sendable {
    private let health: Health
    private let metrics: PrometheusMetrics
    private let documents: DocumentPages?
    private let tokens: (any TokenChecking)?

    /// - Parameters:
    ///   - documents: nil only in tests that need none.
    ///   - tokens: who reads `/metrics` from elsewhere needs one that grants `fleet.metrics.read`.
    package init(
        health: Health,
        metrics: PrometheusMetrics = .process,
        documents: DocumentPages? = nil,
        tokens: (any TokenChecking)? = nil
    ) {
        self.health = health
        self.metrics = metrics
        self.documents = documents
        self.tokens = tokens
    }

    var document: OpenAPIDocument? { documents?.document }

    func add(to router: Router<WebContext>) {
        router.get("status") { _, _ in try status() }
        router.get("status/live") { _, _ in try page("/status/live") }
        router.get("metrics") { request, context in
            if !context.isFromThisHost {
                guard let tokens else { throw WebError.api(.unauthorized, "unauthorized", "Unauthorized") }
                _ = try await RequireToken.check(request, "fleet.metrics.read", tokens)
            }
            return try page("/metrics")
        }
        guard documents != nil else { return }
        router.get("openapi.json") { _, context in try document("openapi.json", context) }
        router.get("docs") { request, context in
            try document(request.uri.path.hasSuffix("/") ? "docs/" : "docs", context)
        }
        router.get("docs/:file") { _, context in try document("docs/\(context.parameters.require("file"))", context) }
    }

    /// The report, and the one word for it that Wazo's clients read.
    private func status() throws -> Response {
        let report = health.status
        return try JSONBody.answer(
            Status(report: report, state: report.ready ? "ok" : "ko"),
            status: report.ready ? .ok : .serviceUnavailable
        )
    }

    private func page(_ path: String) throws -> Response {
        guard let answer = StatusAnswer(path: path, health: health, metrics: metrics) else {
            throw HTTPError(.notFound)
        }
        let body = ByteBuffer(string: answer.body)
        return Response(
            status: .init(code: answer.code),
            headers: [.contentType: answer.contentType, .contentLength: String(body.readableBytes)],
            body: .init(byteBuffer: body)
        )
    }

    private func document(_ path: String, _ context: WebContext) throws -> Response {
        guard let page = documents?.page(path, below: context.forwarded.scriptName) else {
            throw HTTPError(.notFound)
        }
        var headers = HTTPFields()
        for (name, value) in page.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        headers[.contentLength] = String(page.body.readableBytes)
        return Response(status: .init(code: page.status), headers: headers, body: .init(byteBuffer: page.body))
    }

    private struct Status: Encodable {
        var report: StatusReport
        var state: String

        private enum Key: CodingKey { case state }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(state, forKey: .state)
        }
    }
}
