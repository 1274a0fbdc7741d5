import NIOCore
import NIOPosix
import Registry

/// Receives the events of one Asterisk's manager interface.
struct AMIClient: Sendable {
    /// How often Asterisk is asked for a sign of life; without one for twice as long the connection is given up.
    static let pingInterval = Duration.seconds(10)

    let address: HostPort
    let credentials: Credentials

    /// Connects, logs in and hands over each event, until the connection ends.
    /// - Throws: ``AMIError``, or what the network says; it never returns.
    func follow(_ handle: @escaping @Sendable (AMIMessage) -> Void) async throws {
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(3))
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(readTimeout: .seconds(20)), SilenceEnds(),
                        ByteToMessageHandler(AMIDecoder()),
                    ])
                    return try NIOAsyncChannel<AMIMessage, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await connection.executeThenClose { inbound, outbound in
            var messages = inbound.makeAsyncIterator()
            guard try await messages.next() != nil else { throw AMIError.closed }
            try await outbound.write(
                Self.action("Login", [("Username", credentials.user), ("Secret", credentials.password)])
            )
            // Events may come before the answer.
            var isIn = false
            while !isIn {
                guard let message = try await messages.next() else { throw AMIError.closed }
                guard let response = message["Response"] else { continue }
                guard response == "Success" else { throw AMIError.refused(message["Message"] ?? response) }
                isIn = true
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        try await Task.sleep(for: Self.pingInterval)
                        try await outbound.write(Self.action("Ping"))
                    }
                }
                defer { group.cancelAll() }
                while let message = try await messages.next() {
                    if message["Event"] != nil { handle(message) }
                }
                throw AMIError.closed
            }
        }
    }

    private static func action(_ name: String, _ fields: [(String, String)] = []) -> ByteBuffer {
        let lines = [("Action", name)] + fields
        return ByteBuffer(string: lines.map { "\($0): \($1)\r\n" }.joined() + "\r\n")
    }
}

/// Ends a connection on which nothing has come for too long.
private final class SilenceEnds: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.fireErrorCaught(AMIError.silent)
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
