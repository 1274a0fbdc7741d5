import ARI
import Fleet
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Registry
import Synchronization

/// A gateway that holds channels and bridges in memory, speaks the ARI operations that applicationd uses, and sends the events that
/// Asterisk would: to the newest socket of an application, to nobody where none is open.
final class SimulatedGateway: Sendable {
    struct SimulatedChannel: Sendable {
        var id: String
        var name: String
        var state: String
        /// nil while it is only being dialled.
        var application: String?
        var arguments: [String]
        /// The application that dials it.
        var owner: String
        var variables: [String: String] = [:]
    }

    struct State: Sendable {
        var channels: [String: SimulatedChannel] = [:]
        var bridges: [String: (name: String, channels: [String])] = [:]
        var playbacks: [String: (uri: String, channel: String)] = [:]
        var recordings: [String: String] = [:]
        var requests: [String] = []
        var sockets: [(channel: any NIOCore.Channel, applications: Set<String>)] = []
        var connections: [any NIOCore.Channel] = []
        /// Requests answered with this status instead.
        var refusals: [String: Int] = [:]
        var serial = 0
    }

    let registry: EmbeddedRegistry
    let state = Mutex(State())
    private let records: AsyncStream<Record>.Continuation
    private let recording: Task<Void, Never>
    private let server = Mutex<(any NIOCore.Channel)?>(nil)
    private let boundPort = Mutex(0)

    private struct Record: Sendable {
        var id: String
        var name: String?
    }

    init(registry: EmbeddedRegistry) async throws {
        self.registry = registry
        let (stream, records) = AsyncStream.makeStream(of: Record.self)
        self.records = records
        recording = Task {
            for await record in stream {
                guard let name = record.name else {
                    try? await registry.remove(RegistryKey.bridge(record.id))
                    continue
                }
                let value = FleetBridge.Record(
                    id: record.id,
                    name: name,
                    type: "mixing",
                    creationtime: "2026-01-01T00:00:00.\(Int.random(in: 100..<1000))+0000"
                )
                guard let bytes = try? JSONEncoder().encode(value) else { continue }
                try? await registry.set(Array(bytes), for: RegistryKey.bridge(record.id))
            }
        }
        try await listen()
    }

    /// Up to `/ari`.
    var url: String { "http://127.0.0.1:\(boundPort.withLock { $0 })/ari" }
    /// Requests so far, as `POST /channels/a/answer?query`.
    var requests: [String] { state.withLock { $0.requests } }
    /// The applications of each open socket.
    var carried: [Set<String>] {
        state.withLock { $0.sockets.filter { $0.channel.isActive }.map(\.applications) }
    }

    func refuse(_ request: String, with status: Int) { state.withLock { $0.refusals[request] = status } }

    /// Opens the port, the same one after ``goAway()``.
    func listen() async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.configure(channel) }
            }
            .bind(host: "127.0.0.1", port: boundPort.withLock { $0 }).get()
        boundPort.withLock { $0 = channel.localAddress?.port ?? 0 }
        server.withLock { $0 = channel }
    }

    /// Stops listening and cuts every connection off; what it holds stays.
    func goAway() async {
        try? await server.withLock { $0 }?.close().get()
        for connection in state.withLock({ $0.connections }) { try? await connection.close().get() }
    }

    /// Cuts every event socket off.
    func breakLinks() async {
        for socket in state.withLock({ $0.sockets }) { try? await socket.channel.close().get() }
    }

    func stop() async {
        await goAway()
        records.finish()
        await recording.value
    }

    func record(bridge id: String, name: String?) { records.yield(Record(id: id, name: name)) }

    /// Sends an event to whoever holds the application. Called with the state held, so that events are in order.
    func say(_ type: String, to application: String?, _ members: [String: JSONValue], _ state: State) {
        guard let application,
            let socket = state.sockets.last(where: { $0.channel.isActive && $0.applications.contains(application) })
        else { return }
        var event = members
        event["type"] = .string(type)
        event["application"] = .string(application)
        event["timestamp"] = "2026-01-01T00:00:00.000+0000"
        event["asterisk_id"] = "02:00:00:00:00:01"
        guard let data = try? JSONEncoder().encode(JSONValue.object(event)) else { return }
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: data))
        socket.channel.writeAndFlush(frame, promise: nil)
    }

    private func configure(_ channel: any NIOCore.Channel) throws {
        state.withLock { $0.connections.append(channel) }
        let handler = SimulatedGatewayHandler(self)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { [self] channel, head in
                let query = ARIRequest(method: "GET", target: head.uri, prefix: "/ari")?.query ?? [:]
                let applications = Set((query["app"] ?? "").split(separator: ",").map(String.init))
                self.state.withLock { $0.sockets.append((channel, applications)) }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        )
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.syncOperations.removeHandler(bound.value, promise: nil) }
            )
        )
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}

private final class SimulatedGatewayHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let gateway: SimulatedGateway
    private var method = ""
    private var uri = ""
    private var body = ByteBuffer()

    init(_ gateway: SimulatedGateway) { self.gateway = gateway }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (method, uri, body) = (head.method.rawValue, head.uri, ByteBuffer())
        case .body(var part): body.writeBuffer(&part)
        case .end:
            let answer = gateway.answer(method, uri, body)
            let data = answer.status == 204 ? Data() : (try? JSONEncoder().encode(answer.body)) ?? Data()
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status))
            if answer.status != 204 { head.headers.add(name: "Content-Length", value: "\(data.count)") }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: data)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
