import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Why a WebSocket could not be opened.
public enum WebSocketError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The server answered the upgrade with an HTTP status, or not as HTTP at all.
    case refused(String)
    case unreachable(String)

    /// For people.
    public var description: String {
        switch self {
        case .refused(let detail): "the WebSocket was refused: \(detail)"
        case .unreachable(let detail): "the WebSocket could not be opened: \(detail)"
        }
    }
}

extension WebSocketConnection {
    /// Opens a WebSocket as a client.
    /// - Parameters:
    ///   - target: path and query.
    ///   - headers: added to the upgrade request.
    public static func connect(
        host: String,
        port: Int,
        target: String,
        headers: HTTPHeaders = [:],
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) async throws(WebSocketError) -> WebSocketConnection {
        do {
            let upgraded: EventLoopFuture<Frames?> = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(5))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try upgrade(channel, host: host, port: port, target: target, headers: headers)
                    }
                }
            guard let frames = try await upgraded.get() else {
                throw WebSocketError.refused(
                    "\(host):\(port)\(target) did not upgrade; check the address and the credentials"
                )
            }
            return WebSocketConnection(frames: frames, masks: true)
        } catch let error as WebSocketError {
            throw error
        } catch {
            throw .unreachable("\(host):\(port): \(error)")
        }
    }

    private static func upgrade(
        _ channel: any NIOCore.Channel,
        host: String,
        port: Int,
        target: String,
        headers: HTTPHeaders
    ) throws -> EventLoopFuture<Frames?> {
        var all = headers
        all.replaceOrAdd(name: "Host", value: "\(host):\(port)")
        let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(
            maxFrameSize: maxMessageSize,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try Self.wrap(channel) }
            }
        )
        let configuration = NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: all),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.close(promise: nil)
                return channel.eventLoop.makeSucceededFuture(nil)
            }
        )
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: .init(upgradeConfiguration: configuration)
        )
    }

    /// Joins fragments and hands frames to structured concurrency.
    static func wrap(_ channel: any NIOCore.Channel) throws -> Frames {
        try channel.pipeline.syncOperations.addHandler(
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 1,
                maxAccumulatedFrameCount: 1 << 12,
                maxAccumulatedFrameSize: maxMessageSize
            )
        )
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }
}
