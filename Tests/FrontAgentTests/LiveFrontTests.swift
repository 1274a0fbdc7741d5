import AsyncHTTPClient
import Engines
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Registry
import Telemetry
import Testing

@testable import FrontAgent

/// Against the real nginx.
@Suite("Front", .serialized, .timeLimit(.minutes(5)))
struct LiveFrontTests {
    private let registry: EmbeddedRegistry
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws { registry = try EmbeddedRegistry() }

    private func announce(_ upstream: Upstream) async throws {
        let record = GatewayRecord(name: upstream.name, address: upstream.address)
        try await registry.announce(Array(JSONEncoder().encode(record)), for: RegistryKey.gateways + upstream.name)
    }

    /// Runs the front until `body` is over.
    private func serving(port: Int, _ body: (FrontAgent, String, Health) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "asterism-front-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var settings = FrontSettings(address: HostPort(host: "127.0.0.1", port: port), directory: folder)
        settings.workers = 2
        settings.probeInterval = .milliseconds(500)
        let health = Health(role: "front", name: "front", awaiting: ["nginx"])
        let agent = FrontAgent(
            settings: settings,
            templates: ConfigurationTests.templates,
            registry: registry,
            ledger: ProcessLedger(directory: folder.appending(path: "processes")),
            health: health,
            metrics: PrometheusMetrics(),
            logger: quiet
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            try await until { await agent.status.phase == .serving }
            try await body(agent, "http://127.0.0.1:\(port)", health)
            group.cancelAll()
        }
        #expect(await agent.status.phase == .stopped)
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }

    private func ask(_ url: String, _ method: HTTPMethod = .GET, body: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        // One connection each, so that no request meets an old worker.
        request.headers.add(name: "Connection", value: "close")
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return Answer(code: Int(response.status.code), text: text)
    }

    private struct Answer: Equatable {
        var code: Int
        var text: String
    }

    @Test("servers come and go with the registry, and requests go on when one is killed")
    func failover() async throws {
        let one = try await Upstream.start("one")
        let two = try await Upstream.start("two")
        try await serving(port: 62_110) { agent, base, health in
            let nobody = try await ask(base + "/ari/channels")
            #expect(nobody == Answer(code: 503, text: #"{"message":"No gateway runs"}"#))
            #expect(!health.status.ready)

            try await announce(one)
            try await until { try await ask(base + "/x").text == "one" }
            try await announce(two)
            try await until { try await ask(base + "/x").text == "two" }
            #expect(health.status.ready)
            let gateways = await agent.status.gateways
            #expect(gateways.count == 2)

            await one.stop()
            for _ in 0..<20 {
                let answer = try await ask(base + "/ari/channels")
                #expect(answer == Answer(code: 200, text: "two"))
                let posted = try await ask(base + "/ari/channels", .POST, body: "{}")
                #expect(posted == Answer(code: 200, text: "two"))
            }
            // The probes notice it as well, although its record stays.
            try await until { await agent.status.gateways == [two.address] }

            try await registry.remove(RegistryKey.gateways + "one")
            await two.stop()
            let gone = try await ask(base + "/ari/channels")
            #expect(gone.code == 502)
            #expect(gone.text.hasPrefix(#"{"message":"#))
            let metrics = try await ask(base + "/metrics")
            #expect(metrics.code == 404)
            let large = try await ask(base + "/x", .POST, body: String(repeating: "x", count: 70_000))
            #expect(large.code == 413)
        }
    }

    @Test("a POST that may have been carried out is not sent again, a GET is")
    func neverTwice() async throws {
        let one = try await Upstream.start("one")
        let two = try await Upstream.start("two")
        try await announce(one)
        try await announce(two)
        try await serving(port: 62_120) { agent, base, _ in
            try await until { await agent.status.gateways.count == 2 }
            try await until { try await ask(base + "/x").code == 200 }
            one.drop()
            try await until {
                let before = two.count(.POST)
                let post = try await ask(base + "/ari/channels", .POST, body: "{}")
                guard one.count(.POST) > 0 else { return false }
                #expect(post.code == 502)
                #expect(two.count(.POST) == before)
                return true
            }
            #expect(one.count(.POST) == 1)
            // A server that failed is left out for a while; then it is tried again, and nobody notices.
            try await until {
                let before = one.count(.GET)
                let answer = try await ask(base + "/ari/channels")
                #expect(answer == Answer(code: 200, text: "two"))
                return one.count(.GET) > before
            }
        }
        await one.stop()
        await two.stop()
    }

    @Test("upgrades pass, with a request id and what is known of the client")
    func upgrade() async throws {
        let one = try await Upstream.start("one")
        try await announce(one)
        try await serving(port: 62_130) { _, base, _ in
            try await until { try await ask(base + "/x").code == 200 }
            // An old worker may accept a connection even after a new one has.
            var client = try await upgraded(at: 62_130)
            while client == nil { client = try await upgraded(at: 62_130) }
            let head = try #require(one.requests.last { $0.uri.hasPrefix("/ari/events") })
            #expect(head.headers["Upgrade"] == ["websocket"])
            #expect(head.headers["X-Forwarded-For"] == ["127.0.0.1"])
            #expect(head.headers["X-Request-ID"].first?.count == 32)
            #expect(head.headers["Host"] == ["front"])
            try await client?.close()
        }
        await one.stop()
    }

    /// - Returns: nil if the connection did not become a WebSocket.
    private func upgraded(at port: Int) async throws -> (any Channel)? {
        let (texts, text) = AsyncStream.makeStream(of: String.self)
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TextReader { text.yield($0) })
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await client.writeAndFlush(
            ByteBuffer(
                string: "GET /ari/events?app=a HTTP/1.1\r\nHost: front\r\nUpgrade: WebSocket\r\n"
                    + "Connection: Upgrade\r\nX-Forwarded-For: 9.9.9.9\r\nX-Request-ID: bad id\r\n\r\n"
            )
        )
        if await texts.first(where: { _ in true })?.hasPrefix("HTTP/1.1 101") == true { return client }
        try? await client.close()
        return nil
    }

    @Test("nginx that is killed or hangs is started again", arguments: [SIGKILL, SIGSTOP])
    func supervision(signal: Int32) async throws {
        let one = try await Upstream.start("one")
        try await announce(one)
        try await serving(port: 62_140 + Int(signal)) { agent, base, _ in
            let pid = try #require(await agent.status.pid)
            kill(pid, signal)
            try await until {
                let status = await agent.status
                return status.phase == .serving && status.pid != pid
            }
            try await until { (try? await ask(base + "/x").code) == 200 }
        }
        await one.stop()
    }
}

/// Hands over what comes in as text, and nothing at the end.
private final class TextReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let onText: (String) -> Void

    init(onText: @escaping (String) -> Void) { self.onText = onText }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onText(String(buffer: unwrapInboundIn(data))) }

    func channelInactive(context: ChannelHandlerContext) {
        onText("")
        context.fireChannelInactive()
    }
}
