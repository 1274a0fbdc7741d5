import Access
import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Registry
import Telemetry

@testable import WebAPI

/// A server on a free port of this host, for as long as a test asks it.
struct LiveServer {
    let port: Int

    static func run(
        _ change: (inout WebSettings) -> Void = { _ in },
        health: Health = Health(role: "test", name: "test-1"),
        documents: DocumentPages? = nil,
        tokens: (any TokenChecking)? = nil,
        metrics: PrometheusMetrics = PrometheusMetrics(),
        routes: (Router<WebContext>) -> Void = { _ in },
        _ test: (LiveServer) async throws -> Void
    ) async throws {
        var settings = WebSettings(address: HostPort(host: "127.0.0.1", port: 0))
        change(&settings)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = WebServer(
            name: "test",
            settings: settings,
            pages: WebPages(health: health, metrics: metrics, documents: documents, tokens: tokens),
            times: RequestTimes(metrics: metrics),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { port.yield($0) },
            routes: routes
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run()
            }
            guard let bound = await ports.first(where: { _ in true }) else {
                // It did not get so far as to listen: with its error.
                return try await group.waitForAll()
            }
            try await test(LiveServer(port: bound))
            group.cancelAll()
        }
    }

    struct Answer {
        var status: Int
        var headers: [String: String]
        var text: String

        /// The body as JSON, by way of `NSObject`s that compare with literals.
        var json: NSDictionary? {
            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? NSDictionary
        }
    }

    func ask(
        _ method: String = "GET",
        _ path: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await response.body.collect(upTo: 8 << 20))
        let fields = response.headers.map { ($0.name.lowercased(), $0.value) }
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(fields) { first, _ in first },
            text: text
        )
    }
}

/// Tokens that a test knows: what each grants.
struct KnownTokens: TokenChecking {
    var scopes: [String: Set<String>] = [:]
    var isUnreachable = false

    func token(_ id: String, scope: String?) async throws(TokenError) -> AccessToken {
        if isUnreachable { throw .unreachable("nobody answers") }
        guard let granted = scopes[id] else { throw .unknown }
        if let scope, !granted.contains(scope) { throw .forbidden }
        return AccessToken(
            token: id,
            authID: "",
            issued: .distantPast,
            expiry: .distantFuture,
            acl: Array(granted)
        )
    }
}
