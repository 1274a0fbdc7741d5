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

    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func pool() async throws -> NIOLoopBound<UpstreamPool> {
        let loop = Self.loop
        return try await loop.submit {
            let settings = GatewaySettings(address: HostPort(host: "127.0.0.1", port: 0), ariUsers: [], operators: [])
            let queue = PrometheusMetrics().makeMeter(label: "queue", dimensions: [])
            return NIOLoopBound(UpstreamPool(loop: loop, settings: settings, queue: queue), eventLoop: loop)
        }.get()
    }

    /// Asks for targets all at once, over one shared connection.
    /// - Returns: the answers' bodies; nil for those that failed.
    private func ask(
        _ targets: [String],
        of server: SimulatedUpstream,
        over given: NIOLoopBound<UpstreamPool>? = nil,
        timeout: TimeAmount = .seconds(5)
    ) async throws -> [String?] {
        let pool = if let given { given } else { try await self.pool() }
        let loop = Self.loop
        let address = server.address
        return try await loop.flatSubmit {
            EventLoopFuture.whenAllSucceed(
                targets.map { target in
                    let promise = loop.makePromise(of: String?.self)
                    pool.value.share(address).whenComplete { result in
                        guard case .success(let connection) = result else { return promise.succeed(nil) }
                        var body = ""
                        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target)
                        connection.send(head, ByteBuffer(), timeout: timeout) { progress in
                            switch progress {
                            case .part(.head): break
                            case .part(.body(let part)): body += String(buffer: part)
                            case .part(.end): promise.succeed(body)
                            case .failed:
                                pool.value.drop(connection)
                                promise.succeed(nil)
                            }
                        }
                    }
                    return promise.futureResult
                },
                on: loop
            )
        }.get()
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
