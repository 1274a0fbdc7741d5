import CoreMetrics
import Fleet
import NIOCore
import NIOHTTP1
import NIOPosix
import Registry

/// Connections to the nodes, kept per event loop: a request goes from the client's connection to the node's on one thread.
///
/// Confined to its event loop.
final class UpstreamPool {
    private struct Node {
        var idle: [(connection: UpstreamConnection, since: NIODeadline)] = []
        var open = 0
        var waiting: CircularBuffer<EventLoopPromise<UpstreamConnection>> = []
        var quick = Quick.none
        var authorization: (credentials: Credentials, value: String)?
    }

    /// The connection that quick requests to a node share.
    private enum Quick {
        case none, underWay
        case made(QuickConnection)
    }

    /// Asterisk closes an idle connection after 15 s; one that is nearly as old is not risked.
    private static let maxIdle = TimeAmount.seconds(10)

    private let loop: any EventLoop
    private let settings: GatewaySettings
    /// How many wait, over all pools.
    private let queue: any MeterHandler
    private var nodes: [HostPort: Node] = [:]

    init(loop: any EventLoop, settings: GatewaySettings, queue: any MeterHandler) {
        self.loop = loop
        self.queue = queue
        self.settings = settings
    }

    /// A connection that has carried nothing, for a request that failed on an old one: others that are as old are not trusted either.
    func leaseFresh(_ address: HostPort) -> EventLoopFuture<UpstreamConnection> {
        for (connection, _) in nodes[address]?.idle ?? [] {
            connection.close()
            nodes[address]?.open -= 1
        }
        nodes[address]?.idle = []
        return lease(address)
    }

    /// A connection of its own for one request; give it back with ``giveBack(_:reusable:)``.
    func lease(_ address: HostPort) -> EventLoopFuture<UpstreamConnection> {
        loop.assertInEventLoop()
        let now = NIODeadline.now()
        while let (connection, since) = nodes[address]?.idle.popLast() {
            if connection.isActive, now - since < Self.maxIdle {
                connection.isFresh = false
                return loop.makeSucceededFuture(connection)
            }
            connection.close()
            nodes[address]?.open -= 1
        }
        if nodes[address, default: Node()].open < settings.upstreamConnections {
            nodes[address, default: Node()].open += 1
            return connect(address)
        }
        guard nodes[address, default: Node()].waiting.count < settings.upstreamQueue else {
            return loop.makeFailedFuture(UpstreamError.overloaded)
        }
        let promise = loop.makePromise(of: UpstreamConnection.self)
        nodes[address, default: Node()].waiting.append(promise)
        queue.increment(by: 1)
        return promise.futureResult
    }

    /// The connection for a request that Asterisk answers at once and that may be sent twice; it is not given back.
    /// - Returns: nil if the request needs a connection of its own: the shared one is being made, or has much to do.
    func quick(_ address: HostPort) -> QuickConnection? {
        loop.assertInEventLoop()
        switch nodes[address]?.quick ?? .none {
        case .made(let connection): return connection.isReady(maxIdle: Self.maxIdle) ? connection : nil
        case .underWay: return nil
        case .none:
            guard nodes[address, default: Node()].open < settings.upstreamConnections else { return nil }
            nodes[address, default: Node()].open += 1
            nodes[address]?.quick = .underWay
            connectQuick(address)
            return nil
        }
    }

    /// The value of `Authorization` for a node, made once.
    func authorization(of node: NodeRecord) -> String {
        if let known = nodes[node.ari]?.authorization, known.credentials == node.ariCredentials { return known.value }
        let value = node.ariCredentials.basicAuthorization
        nodes[node.ari, default: Node()].authorization = (node.ariCredentials, value)
        return value
    }

    func giveBack(_ connection: UpstreamConnection, reusable: Bool) {
        loop.assertInEventLoop()
        let address = connection.address
        guard reusable, connection.isActive else {
            connection.close()
            return replace(address)
        }
        if let next = nextWaiting(address) {
            connection.isFresh = false
            next.succeed(connection)
        } else {
            nodes[address]?.idle.append((connection, .now()))
        }
    }

    /// A connection has ended: whoever waits for one gets another.
    private func replace(_ address: HostPort) {
        nodes[address]?.open -= 1
        guard let next = nextWaiting(address) else { return }
        nodes[address]?.open += 1
        connect(address).cascade(to: next)
    }

    private func nextWaiting(_ address: HostPort) -> EventLoopPromise<UpstreamConnection>? {
        guard let next = nodes[address]?.waiting.popFirst() else { return nil }
        queue.decrement(by: 1)
        return next
    }

    private func connectQuick(_ address: HostPort) {
        let pool = NIOLoopBound(self, eventLoop: loop)
        let connection = NIOLoopBound(
            QuickConnection(address: address) { pool.value.closed(address) },
            eventLoop: loop
        )
        bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(connection.value)
                }
            }
            .connect(host: address.host, port: address.port)
            .whenComplete { result in
                switch result {
                case .success: pool.value.nodes[address]?.quick = .made(connection.value)
                case .failure: pool.value.closed(address)
                }
            }
    }

    /// The shared connection to a node is no more.
    private func closed(_ address: HostPort) {
        nodes[address]?.quick = .none
        replace(address)
    }

    private var bootstrap: ClientBootstrap {
        ClientBootstrap(group: loop).connectTimeout(.seconds(2)).channelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    private func connect(_ address: HostPort) -> EventLoopFuture<UpstreamConnection> {
        let connection = NIOLoopBound(UpstreamConnection(address: address), eventLoop: loop)
        let pool = NIOLoopBound(self, eventLoop: loop)
        return
            bootstrap
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(connection.value)
                }
            }
            .connect(host: address.host, port: address.port)
            .map { _ in connection.value }
            .flatMapErrorThrowing { error in
                pool.value.failed(address)
                throw UpstreamError.unreachable("\(error)")
            }
    }

    /// A connection that was counted could not be made: whoever waits for that node is told.
    private func failed(_ address: HostPort) {
        nodes[address]?.open -= 1
        guard nodes[address]?.open == 0 else { return }
        while let waiting = nextWaiting(address) {
            waiting.fail(UpstreamError.unreachable("connection refused"))
        }
    }
}

/// Why a request could not be forwarded.
enum UpstreamError: Error, Sendable {
    case unreachable(String)
    case overloaded
    case timedOut
}
