import ARI
import EventBus
import NIOCore
import NIOPosix
import Registry
import Testing

@testable import Gateway

@Suite("Requests that go on as they came", .timeLimit(.minutes(3)))
struct PipelinedRequestsTests {
    private static let head = "HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpw\r\n"

    @Test("they are answered in their order, and nothing behind the last of a connection is done")
    func ordered() async throws {
        let fleet = SimulatedFleet(bus: EmbeddedBus())
        let registry = try EmbeddedRegistry()
        try await registry.register(fleet.add("ast1"))
        let gateway = try await RunningGateway(1, registry: registry, bus: fleet.bus) { $0.maxBodySize = 10 }
        let requests = [
            "GET /ari/asterisk/ping \(Self.head)X-Request-ID: one\r\n\r\n",
            "GET /ari/nothing \(Self.head)X-Request-ID: two\r\n\r\n",
            "GET /ari/bridges \(Self.head)X-Request-ID: three\r\n\r\n",
            // After its answer the gateway closes.
            "POST /ari/channels \(Self.head)X-Request-ID: four\r\nContent-Length: 13\r\n\r\nmuch too long",
            "POST /ari/channels?endpoint=PJSIP/a&app=b&channelId=behind \(Self.head)\r\n",
        ]
        let answers = try await Self.say([requests.joined()], to: gateway.port)
        #expect(Self.ids(answers) == ["one", "two", "three", "four"])
        #expect(answers.contains("pong"))
        _ = try await gateway.ari.channels.list()
        #expect(fleet.node("ast1").channels["behind"] == nil)
        await gateway.stop()
        await fleet.stop()
    }

    @Test("a request in the body of another, or in a header, is none, although its head is known")
    func hidden() async throws {
        let fleet = SimulatedFleet(bus: EmbeddedBus())
        let registry = try EmbeddedRegistry()
        try await registry.register(fleet.add("ast1"))
        let gateway = try await RunningGateway(1, registry: registry, bus: fleet.bus)
        let known = "GET /ari/asterisk/ping \(Self.head)\r\n"
        let hidden = "POST /ari/channels?endpoint=PJSIP/a&app=b&channelId=hidden \(Self.head)\r\n"
        let answers = try await Self.say(
            [
                known,
                "GET /ari/asterisk/ping HTTP/1.1\r\nAuthorization: Basic dTpw\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n",
                hidden,
                "GET /ari/asterisk/ping HTTP/1.1\r\nAuthorization: Basic dTpw\r\nX: ",
                hidden, known,
                "GET /ari/asterisk/ping \(Self.head)Connection: close\r\n\r\n",
            ],
            to: gateway.port
        )
        #expect(Self.ids(answers).count == 5)
        #expect(fleet.node("ast1").channels["hidden"] == nil)
        await gateway.stop()
        await fleet.stop()
    }

    @Test("each is answered whole, in whichever manner the node answers", arguments: SimulatedFleet.Manner.allCases)
    func manners(manner: SimulatedFleet.Manner) async throws {
        let fleet = SimulatedFleet(bus: EmbeddedBus())
        let registry = try EmbeddedRegistry()
        try await registry.register(fleet.add("ast1"))
        let gateway = try await RunningGateway(1, registry: registry, bus: fleet.bus)
        fleet.answer(in: manner, on: "ast1")
        // The connection that quick requests share is made when the first one asks for it.
        var said: [String] = []
        for _ in 0..<20 { said.append(try await gateway.ari.asterisk.ping().ping) }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<40 { group.addTask { try await gateway.ari.asterisk.ping().ping } }
            for try await each in group { said.append(each) }
        }
        #expect(said == Array(repeating: "pong", count: 60))
        await gateway.stop()
        await fleet.stop()
    }

    /// Sends pieces, each when what could be answered of those before it has been, until the server closes.
    /// - Returns: all that it said.
    private static func say(_ pieces: [String], to port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var said = ""
            var parts = inbound.makeAsyncIterator()
            for piece in pieces {
                try await outbound.write(ByteBuffer(string: piece))
                // A piece that is no whole request is read before the next one comes, as far as that can be seen from here.
                if piece.hasPrefix("GET"), piece.hasSuffix("\r\n\r\n"), !piece.contains("Content-Length") {
                    guard let part = try await parts.next() else { return said }
                    said += String(buffer: part)
                } else {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            while let part = try await parts.next() { said += String(buffer: part) }
            return said
        }
    }

    private static func ids(_ answers: String) -> [Substring] {
        answers.split(separator: "\r\n").filter { $0.hasPrefix("X-Request-ID: ") }.map { $0.dropFirst(14) }
    }
}
