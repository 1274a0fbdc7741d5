import Fleet
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Registry
import ServiceLifecycle

/// The gateway's one listening socket: HTTP requests and event sockets.
struct GatewayServer: Service {
    let settings: GatewaySettings
    let dispatcher: RequestDispatcher
    let upgrade: EventUpgrade
    let hub: EventHub
    let applications: Applications
    let metrics: GatewayMetrics
    let logger: Logger

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let pools = UpstreamPools(group: group, settings: settings, metrics: metrics)
        let server: any Channel
        do {
            server = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try initialize(channel, pools) }
                }
                .bind(host: settings.address.host, port: settings.address.port).get()
        } catch {
            throw GatewayError.cannotListen("\(settings.address)", "\(error)")
        }
        logger.info("gateway listening", metadata: ["address": "\(settings.address)"])
        try await withGracefulShutdownHandler {
            try await server.closeFuture.get()
        } onGracefulShutdown: {
            server.close(promise: nil)
        }
        hub.closeAll()
        await applications.stop()
    }

    private func initialize(_ channel: any Channel, _ pools: UpstreamPools) throws {
        let protocols = ProtocolSwitch(upgrade.upgrader())
        let handler = RequestHandler(
            dispatcher: dispatcher,
            pool: pools.pool(of: channel.eventLoop),
            protocols: protocols,
            settings: settings,
            times: metrics.requests,
            logger: logger
        )
        try channel.pipeline.syncOperations.addHandler(IdleStateHandler(readTimeout: settings.idleTimeout))
        try protocols.addHTTP(to: channel.pipeline.syncOperations)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}

/// One pool per event loop, made before the first request so that finding it needs no lock.
private struct UpstreamPools: Sendable {
    private let pools: [ObjectIdentifier: NIOLoopBound<UpstreamPool>]

    init(group: MultiThreadedEventLoopGroup, settings: GatewaySettings, metrics: GatewayMetrics) {
        var pools: [ObjectIdentifier: NIOLoopBound<UpstreamPool>] = [:]
        for loop in group.makeIterator() {
            pools[ObjectIdentifier(loop)] = try? loop.submit {
                NIOLoopBound(
                    UpstreamPool(loop: loop, settings: settings, queue: metrics.upstreamQueue),
                    eventLoop: loop
                )
            }.wait()
        }
        self.pools = pools
    }

    func pool(of loop: any EventLoop) -> UpstreamPool {
        guard let pool = pools[ObjectIdentifier(loop)] else {
            preconditionFailure("a channel runs on a loop of its group")
        }
        return pool.value
    }
}

/// Why a gateway cannot run.
package enum GatewayError: Error, Sendable, CustomStringConvertible {
    case cannotListen(String, String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let detail):
            "the gateway cannot listen on \(address) (\(detail)); end what uses it or choose another with --gateway-port"
        }
    }
}
