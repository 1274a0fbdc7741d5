import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Registry
import ServiceLifecycle
import Synchronization
import Telemetry

/// The listening socket: WebSocket with and without TLS, and probes.
final class WebsocketServer: Service, CustomStringConvertible {
    private let surroundings: SessionHandler.Surroundings
    private let certificate: CurrentCertificate
    private let health: Health
    private let onListening: @Sendable (Int) async -> Void
    private let connections = Atomic<Int>(0)

    var description: String { "websocket server" }
    private var settings: WebsocketdSettings { surroundings.settings }

    init(
        surroundings: SessionHandler.Surroundings,
        certificate: CurrentCertificate,
        health: Health,
        onListening: @escaping @Sendable (Int) async -> Void
    ) {
        self.surroundings = surroundings
        self.certificate = certificate
        self.health = health
        self.onListening = onListening
    }

    /// Serves until graceful shutdown; sessions are told that the daemon goes.
    /// - Throws: ``WebsocketdError/cannotListen(_:_:)``.
    func run() async throws {
        let server: any Channel
        do {
            server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try self.initialize(channel) }
                }
                .bind(host: settings.address.host, port: settings.address.port).get()
        } catch {
            throw WebsocketdError.cannotListen("\(settings.address)", "\(error)")
        }
        surroundings.logger.info("websocketd listening", metadata: ["address": "\(settings.address)"])
        let port = server.localAddress?.port ?? settings.address.port
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Until events come every session would be refused.
            group.addTask { [surroundings, onListening] in
                if await surroundings.hub.waitUntilBusIsUp() { await onListening(port) }
            }
            try await withTaskCancellationOrGracefulShutdownHandler {
                try await server.closeFuture.get()
            } onCancelOrGracefulShutdown: {
                server.close(promise: nil)
            }
            group.cancelAll()
        }
        await surroundings.hub.closeAll(.stopping)
    }

    private func initialize(_ channel: any Channel) throws {
        guard connections.add(1, ordering: .relaxed).newValue <= settings.maximumConnections else {
            connections.subtract(1, ordering: .relaxed)
            throw ChannelError.operationUnsupported
        }
        channel.closeFuture.whenComplete { _ in self.connections.subtract(1, ordering: .relaxed) }
        // However slowly the bytes come.
        let deadline = channel.eventLoop.scheduleTask(in: settings.handshakeTimeout) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in deadline.cancel() }
        let pipeline = channel.pipeline.syncOperations
        let plain = PlainRequests(health: health)
        let bound = NIOLoopBound(plain, eventLoop: channel.eventLoop)
        try pipeline.addHandler(ProtocolSniffer(certificate: certificate))
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true,
            withServerUpgrade: (
                upgraders: [upgrader(deadline)],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                }
            ),
            withErrorHandling: true
        )
        try pipeline.addHandler(plain)
    }

    private func upgrader(_ deadline: Scheduled<Void>) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            maxFrameSize: settings.maximumMessage,
            automaticErrorHandling: false,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    deadline.cancel()
                    let handler = SessionHandler(
                        SessionOpening(target: head.uri, headers: head.headers),
                        peer: Self.peer(of: head, channel),
                        surroundings: self.surroundings
                    )
                    let aggregator = NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 1,
                        maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: self.settings.maximumMessage
                    )
                    try channel.pipeline.syncOperations.addHandlers(aggregator, handler)
                }
            }
        )
    }

    /// For logs only: whoever speaks to this port directly may write there what he likes.
    private static func peer(of head: HTTPRequestHead, _ channel: any Channel) -> String {
        head.headers.first(name: "X-Forwarded-For").map { String($0.prefix(64)) }
            ?? channel.remoteAddress?.ipAddress ?? "unknown"
    }
}
