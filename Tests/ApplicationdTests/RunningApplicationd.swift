import ARI
import Access
import AsyncHTTPClient
import EventBus
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry
import Telemetry
import WebAPI

@testable import Applicationd

/// One instance on a free port, until it is stopped, in order or not.
final class RunningApplicationd: Sendable {
    let port: Int
    private let task: Task<Void, any Error>

    init(
        _ name: String = "applicationd-1",
        gateway: SimulatedGateway,
        bus: any EventBus,
        tokens: (any TokenChecking)? = nil
    ) async throws {
        var settings = ApplicationdSettings(
            address: HostPort(host: "127.0.0.1", port: 0),
            gatewayUser: .init(user: "u", password: "p")
        )
        settings.name = name
        settings.gateway = gateway.url
        settings.origin = "origin"
        settings.gatewayTimeout = .seconds(8)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "config/openapi/applicationd.json")
        let service = Applicationd(
            settings: settings,
            registry: gateway.registry,
            bus: bus,
            tokens: tokens,
            pages: WebPages(
                health: Health(role: "applicationd", name: name),
                metrics: PrometheusMetrics(),
                documents: DocumentPages(document: try OpenAPIDocument(contentsOf: document), ui: nil),
                tokens: tokens
            ),
            metrics: PrometheusMetrics(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { port.yield($0) }
        )
        task = Task { try await service.run() }
        var iterator = ports.makeAsyncIterator()
        self.port = await iterator.next() ?? 0
    }

    /// Ends it as a signal that cannot be caught would: nothing is tidied up.
    func kill() async {
        task.cancel()
        _ = try? await task.value
    }

    var url: String { "http://127.0.0.1:\(port)" }

    struct Answer {
        var status: Int
        var text: String
        var headers: HTTPHeaders

        /// The status, and which error it is or what the body says.
        var short: String { "\(status) \(json["error_id"]?.string ?? text)" }
        var json: JSONValue { (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null }
    }

    func ask(
        _ method: HTTPMethod,
        _ path: String,
        _ body: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "Content-Type", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let text = try await response.body.collect(upTo: 4 << 20)
        return Answer(
            status: Int(response.status.code),
            text: String(buffer: text),
            headers: response.headers
        )
    }
}
