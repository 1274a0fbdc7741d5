import AsyncHTTPClient
import Engines
import NIOCore
import NIOHTTP1
import NIOPosix
import Registry

/// Asks supervised processes whether they still work.
enum EngineProbe {
    private static let patience = TimeAmount.milliseconds(900)

    /// It connects anew at each question: a pool that backs off would call a process hung that has only just come back.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: patience)
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// A process that answers HTTP, with whatever status below 500.
    static func http(_ url: String, grace: Duration) -> LivenessProbe {
        LivenessProbe(grace: grace) {
            let request = HTTPClientRequest(url: url)
            guard let response = try? await client.execute(request, timeout: patience) else { return false }
            return response.status.code < 500
        }
    }

    /// A broker, which answers the greeting of AMQP 0-9-1 (section 4.2.2) with a first method.
    static func amqp(_ address: HostPort, grace: Duration) -> LivenessProbe {
        LivenessProbe(interval: .seconds(2), grace: grace) {
            guard
                let channel = try? await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
                    .connectTimeout(patience)
                    .connect(
                        host: address.host,
                        port: address.port,
                        channelInitializer: { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                            }
                        }
                    )
            else { return false }
            let answered = try? await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: Array("AMQP".utf8) + [0, 0, 9, 1]))
                for try await bytes in inbound { return bytes.readableBytes > 0 }
                return false
            }
            return answered ?? false
        }
    }
}
