import NIOCore
import NIOPosix

/// A client that sends what no library would.
struct RawClient {
    let port: Int

    /// Sends pieces with pauses between them, and reads until the server closes.
    /// - Returns: all that was answered, and how long the server let it go on.
    func exchange(_ pieces: [String], pause: Duration = .zero) async throws -> (answer: String, time: Duration) {
        try await exchange(bytes: pieces.map { Array($0.utf8) }, pause: pause)
    }

    func exchange(bytes pieces: [[UInt8]], pause: Duration = .zero) async throws -> (answer: String, time: Duration) {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let began = ContinuousClock.now
        var answer = ByteBuffer()
        try await channel.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for piece in pieces {
                        // The server may have closed: what it said by then is what matters.
                        do { try await outbound.write(ByteBuffer(bytes: piece)) } catch { return }
                        if pause > .zero { try await Task.sleep(for: pause) }
                    }
                }
                do {
                    for try await part in inbound { answer.writeImmutableBuffer(part) }
                } catch is IOError {}
                group.cancelAll()
            }
        }
        return (String(buffer: answer), ContinuousClock.now - began)
    }
}

extension RawClient {
    /// Sends a request, reads next to nothing for a while, and then all that still comes.
    /// - Returns: bytes that came.
    func read(after request: String, pause: Duration) async throws -> Int {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        var received = 0
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            try await Task.sleep(for: pause)
            do {
                for try await part in inbound { received += part.readableBytes }
            } catch is IOError {}
        }
        return received
    }
}
