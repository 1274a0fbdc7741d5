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
    ///   - patience: how long the server may take to answer it.
    ///   - silence: a server that says nothing for so long is asked whether it is there, and given up after as long again.
    public static func connect(
        host: String,
        port: Int,
        target: String,
        headers: HTTPHeaders = [:],
        patience: TimeAmount = .seconds(10),
        silence: TimeAmount? = nil,
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) async throws(WebSocketError) -> WebSocketConnection {
        do {
            let upgraded: EventLoopFuture<Frames?> = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(5))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let upgraded = try upgrade(
                            channel,
                            target: target,
                            headers: headers.with(host: host, port: port),
                            silence: silence
                        )
                        let limit = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
                        upgraded.whenComplete { _ in limit.cancel() }
                        return upgraded
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
        target: String,
        headers: HTTPHeaders,
        silence: TimeAmount?
    ) throws -> EventLoopFuture<Frames?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(
            maxFrameSize: maxMessageSize,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try Self.wrap(channel, silence: silence) }
            }
        )
        let configuration = NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.close(promise: nil)
                return channel.eventLoop.makeSucceededFuture(nil)
            }
        )
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // A server may send its first frames in one packet with the answer.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }

    /// Joins fragments and hands frames to structured concurrency.
    static func wrap(_ channel: any NIOCore.Channel, silence: TimeAmount? = nil) throws -> Frames {
        if let silence {
            try channel.pipeline.syncOperations.addHandlers(
                IdleStateHandler(readTimeout: silence),
                SilenceHandler()
            )
        }
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

extension HTTPHeaders {
    fileprivate func with(host: String, port: Int) -> HTTPHeaders {
        var all = self
        all.replaceOrAdd(name: "Host", value: "\(host):\(port)")
        return all
    }
}
