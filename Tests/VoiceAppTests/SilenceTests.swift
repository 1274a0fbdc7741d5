import ARI
import NIOCore
import NIOPosix
import NIOWebSocket
import Synchronization
import Testing

@Suite("A server that hangs", .timeLimit(.minutes(5)))
struct SilenceTests {
    private struct Enough: Error {}

    @Test("is given up when it does not answer a ping, and dialled again")
    func silent() async throws {
        // Its sockets answer nothing, pings neither.
        let ari = try await SimulatedARI()
        let client = ARIClient(baseURL: ari.url, user: "u", password: "p")
        var connections = 0
        await #expect(throws: Enough.self) {
            try await client.followEvents(of: ["app"], silence: .milliseconds(50)) { feed in
                guard case .connected = feed else { return }
                connections += 1
                if connections == 2 { throw Enough() }
            }
        }
        try await ari.stop()
    }

    @Test("is not one that says something now and then")
    func talking() async throws {
        let ari = try await SimulatedARI()
        let client = ARIClient(baseURL: ari.url, user: "u", password: "p")
        var events = 0
        await #expect(throws: Enough.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try? await ari.send("StasisStart", channel: "a")
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
                defer { group.cancelAll() }
                // Longer than a busy machine keeps the sender waiting; shorter than half of what is said in all.
                try await client.followEvents(of: ["app"], silence: .seconds(2)) { feed in
                    switch feed {
                    case .connected: break
                    case .disconnected(let reason): Issue.record("disconnected: \(reason)")
                    case .event:
                        events += 1
                        if events == 50 { throw Enough() }
                    }
                }
            }
        }
        try await ari.stop()
    }

    @Test("is not waited for when it takes the connection and never answers the upgrade")
    func noUpgrade() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        await #expect(throws: WebSocketError.self) {
            _ = try await WebSocketConnection.connect(
                host: "127.0.0.1",
                port: server.localAddress?.port ?? 0,
                target: "/ari/events",
                patience: .milliseconds(50)
            )
        }
        try await server.close()
    }
}
