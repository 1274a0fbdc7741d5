import NIOCore
import NIOHTTP1
import NIOPosix
import Registry
import Synchronization
import Telemetry
import Testing

@testable import Gateway

@Suite("Requests on their way to a node")
struct UpstreamTests {
    @Test("those that share a connection get their own answers, in order")
    func shared() async throws {
        let server = try await SimulatedUpstream.start(answersPerConnection: .max)
        let answers = try await ask(["/a", "/b", "/c"], of: server)
        #expect(answers == ["/a", "/b", "/c"])
        #expect(server.connections == 1)
        try await server.stop()
    }

    @Test("those behind the last answer of a connection that closes are told, and the next makes another connection")
    func closed() async throws {
        let server = try await SimulatedUpstream.start(answersPerConnection: 1)
        let pool = try await pool()
        #expect(try await ask(["/a", "/b", "/c"], of: server, over: pool) == ["/a", nil, nil])
        #expect(try await ask(["/d"], of: server, over: pool) == ["/d"])
        #expect(server.connections == 2)
        try await server.stop()
    }

    @Test("a node that says nothing is given up after a while, with all that wait for it")
    func silent() async throws {
        let server = try await SimulatedUpstream.start(answersPerConnection: 0)
        #expect(try await ask(["/a", "/b"], of: server, timeout: .milliseconds(50)) == [nil, nil])
        try await server.stop()
    }

    @Test("no more share one than may be under way; further ones are told to take another")
    func bounded() async throws {
        let server = try await SimulatedUpstream.start(answersPerConnection: .max)
        let answers = try await ask((0..<40).map { "/\($0)" }, of: server)
        #expect(answers == (0..<32).map { "/\($0)" } + Array(repeating: "no connection", count: 8))
        try await server.stop()
    }

    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func pool() async throws -> NIOLoopBound<UpstreamPool> {
        let loop = Self.loop
        return try await loop.submit {
            let settings = GatewaySettings(address: HostPort(host: "127.0.0.1", port: 0), ariUsers: [], operators: [])
            let queue = PrometheusMetrics().makeMeter(label: "queue", dimensions: [])
            return NIOLoopBound(UpstreamPool(loop: loop, settings: settings, queue: queue), eventLoop: loop)
        }.get()
    }

    /// Asks for targets all at once, over the connection that is shared.
    /// - Returns: the answers' bodies; nil for those that failed.
    private func ask(
        _ targets: [String],
        of server: SimulatedUpstream,
        over given: NIOLoopBound<UpstreamPool>? = nil,
        timeout: TimeAmount = .seconds(30)
    ) async throws -> [String?] {
        let pool = if let given { given } else { try await self.pool() }
        let loop = Self.loop
        let address = server.address
        // It is made when it is first asked for.
        try await eventually { try await loop.submit { pool.value.quick(address) != nil }.get() }
        return try await loop.flatSubmit {
            EventLoopFuture.whenAllSucceed(
                targets.map { target in
                    guard let connection = pool.value.quick(address) else {
                        return loop.makeSucceededFuture("no connection")
                    }
                    let promise = loop.makePromise(of: String?.self)
                    let tail = ByteBuffer(string: " HTTP/1.1\r\nHost: x\r\n\r\n")
                    connection.send(target, tail: tail, timeout: timeout) { result in
                        promise.succeed(try? String(buffer: result.get().body))
                    }
                    return promise.futureResult
                },
                on: loop
            )
        }.get()
    }

    private func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !(try await condition()) {
            guard ContinuousClock.now < deadline else {
                Issue.record("not within 10 s")
                return
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// A node's HTTP server, as far as connections are concerned: answers each request with its target.
private final class SimulatedUpstream: Sendable {
    let address: HostPort
    private let server: any Channel
    private let accepted: Accepted

    var connections: Int { accepted.count }

    private init(_ server: any Channel, _ accepted: Accepted) {
        self.server = server
        self.accepted = accepted
        address = HostPort(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
    }

    /// - Parameter answers: how many requests a connection answers before it closes; with none it says nothing.
    static func start(answersPerConnection answers: Int) async throws -> SimulatedUpstream {
        let accepted = Accepted()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                accepted.note()
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(EchoHandler(answers: answers))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return SimulatedUpstream(server, accepted)
    }

    func stop() async throws { try await server.close() }
}

private final class Accepted: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    func note() { number.add(1, ordering: .relaxed) }
}

private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var answers: Int
    private var target = ""

    init(answers: Int) { self.answers = answers }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): target = head.uri
        case .body: break
        case .end:
            guard answers > 0 else { return }
            answers -= 1
            let head = HTTPResponseHead(
                version: .http1_1,
                status: .ok,
                headers: ["Content-Length": String(target.utf8.count)]
            )
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: target)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            if answers == 0 { context.close(promise: nil) }
        }
    }
}
