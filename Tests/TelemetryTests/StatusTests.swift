import AsyncHTTPClient
import CoreMetrics
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Testing

@testable import Telemetry

@Suite("Status")
struct StatusTests {
    @Test("a role is ready when every part that was waited for works")
    func readiness() {
        let health = Health(role: "node", name: "ast1", awaiting: ["asterisk", "registry"])
        #expect(!health.status.ready)
        #expect(health.status.healthy)
        #expect(health.status.reasons == ["asterisk: has not started yet", "registry: has not started yet"])
        health.good("asterisk")
        health.report("registry", problem: "does not answer")
        #expect(health.status.reasons == ["registry: does not answer"])
        health.report("registry", problem: nil)
        #expect(health.status.ready)
        health.bad("disk", "is nearly full", impact: .none)
        #expect(health.status.ready)
        #expect(health.status.reasons == ["disk: is nearly full"])
        health.bad("loop", "is stuck", impact: .liveness)
        #expect(!health.status.ready)
        #expect(!health.status.healthy)
    }

    @Test("the server answers probes and scrapes, and nothing else")
    func server() async throws {
        let health = Health(role: "gateway", name: "gateway-1", awaiting: ["nodes"])
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "seen_total", dimensions: []).increment(by: 3)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = StatusServer(port: 0, health: health, metrics: metrics, logger: quiet) { port.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let base = "http://127.0.0.1:\(try #require(await ports.first { _ in true }))"

            let starting = try await get(base + "/status")
            #expect(starting.status.code == 503)
            #expect(try await report(starting).reasons == ["nodes: has not started yet"])
            let live = try await get(base + "/status/live").status.code
            #expect(live == 200)

            health.good("nodes")
            let ready = try await get(base + "/status")
            #expect(ready.status.code == 200)
            let expected = StatusReport(
                role: "gateway",
                name: "gateway-1",
                version: Health.version,
                healthy: true,
                ready: true,
                reasons: []
            )
            #expect(try await report(ready) == expected)

            health.bad("loop", "is stuck", impact: .liveness)
            let dead = try await get(base + "/status/live").status.code
            #expect(dead == 503)

            let scrape = try await get(base + "/metrics?x=1")
            #expect(scrape.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            let text = String(buffer: try await scrape.body.collect(upTo: 1 << 20))
            #expect(text.hasSuffix("seen_total 3\n"))

            let other = try await get(base + "/ari/channels")
            #expect(other.status.code == 404)
            #expect(other.headers["Content-Type"] == ["application/json"])
            let posted = try await get(base + "/status", method: "POST").status.code
            #expect(posted == 405)
            group.cancelAll()
        }
    }

    @Test("a port that is taken is an error that names it")
    func takenPort() async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let health = Health(role: "x", name: "x")
        let first = StatusServer(port: 0, health: health, logger: quiet) { port.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await first.run() }
            let taken = try #require(await ports.first { _ in true })
            await #expect(throws: StatusServerError.self) {
                try await StatusServer(port: taken, health: health, logger: quiet).run()
            }
            group.cancelAll()
        }
    }

    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func get(_ url: String, method: String = "GET") async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method)
        return try await HTTPClient.shared.execute(request, timeout: .seconds(5))
    }

    private func report(_ response: HTTPClientResponse) async throws -> StatusReport {
        let body = try await response.body.collect(upTo: 1 << 16)
        return try JSONDecoder().decode(StatusReport.self, from: Data(buffer: body))
    }
}
