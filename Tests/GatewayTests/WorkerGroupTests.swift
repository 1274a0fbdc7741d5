import ARI
import EventBus
import NIOCore
import NIOPosix
import Registry
import Synchronization
import Testing

@testable import Gateway

@Suite("Workers of one group at several gateways", .timeLimit(.minutes(3)))
struct WorkerGroupTests {
    /// What the two workers have heard.
    private final class Notes: Sendable {
        private let heard = Mutex<[Int: [String]]>([:])

        func note(_ line: String, of worker: Int) { heard.withLock { $0[worker, default: []].append(line) } }
        func lines(_ worker: Int) -> [String] { heard.withLock { $0[worker] ?? [] } }

        func eventually(_ what: String, _ condition: (Notes) -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(10)
            while !condition(self) {
                guard ContinuousClock.now < deadline else {
                    Issue.record("not within 10 s: \(what); \(lines(1)), \(lines(2))")
                    return
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    @Test("they share the calls, and are led by another gateway when the one that led them is gone")
    func leader() async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        try await registry.register(fleet.add("ast1"))
        var gateways: [RunningGateway] = []
        for number in 1...2 { gateways.append(try await RunningGateway(number, registry: registry, bus: bus)) }
        let notes = Notes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (worker, gateway) in zip(1..., gateways) {
                group.addTask { try await Self.work(worker, at: gateway, notes) }
                try await notes.eventually("worker \(worker) is connected") { $0.lines(worker).contains("connected") }
            }
            for call in ["a", "b", "c", "d"] { fleet.call(call, on: "ast1", application: "app") }
            try await notes.eventually("each has two calls") { notes in
                (1...2).allSatisfy { notes.lines($0).count { $0.hasPrefix("StasisStart") } == 2 }
            }
            // The first came first, so that its gateway leads.
            let others = notes.lines(1).filter { $0.hasPrefix("StasisStart") }
            await gateways[0].stop()
            try await notes.eventually("the second is back, and has all calls") { notes in
                let lines = notes.lines(2)
                let back = lines.lastIndex(of: "connected") ?? 0
                return back > 0 && lines[back...].count { $0.hasPrefix("ChannelUserevent") } == 4
            }
            #expect(others.count == 2)
            #expect(await registry.entries(under: RegistryKey.holders).keys.sorted() == ["holders/app/gateway-2"])
            group.cancelAll()
        }
        await gateways[1].stop()
        await fleet.stop()
    }

    @Test("a worker that goes while its way to the leader is being made leaves nothing behind")
    func impatient() async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        try await registry.register(fleet.add("ast1"))
        var gateways: [RunningGateway] = []
        for number in 1...2 { gateways.append(try await RunningGateway(number, registry: registry, bus: bus)) }
        let notes = Notes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (first, second) = (gateways[0], gateways[1])
            group.addTask { try await Self.work(1, at: first, notes) }
            try await notes.eventually("the leader's worker is connected") { $0.lines(1).contains("connected") }
            for _ in 0..<20 { try await Self.askAndGo(to: second.port) }
            // Whoever left a place behind would get calls.
            for call in ["a", "b", "c", "d"] { fleet.call(call, on: "ast1", application: "app") }
            try await notes.eventually("the worker that is there has all calls") { notes in
                let heard = notes.lines(1).filter { $0.hasPrefix("StasisStart") || $0.hasPrefix("ChannelUserevent") }
                return Set(heard.compactMap { $0.split(separator: " ").last }).count == 4
            }
            group.cancelAll()
        }
        for gateway in gateways { await gateway.stop() }
        await fleet.stop()
    }

    /// Asks for a worker's socket and closes the connection without waiting for the answer.
    private static func askAndGo(to port: Int) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port).get()
        let request = """
            GET /ari/events?app=app&group=workers&api_key=u:p HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
            Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        try await channel.writeAndFlush(ByteBuffer(string: request)).get()
        try await channel.close().get()
    }

    private static func work(_ worker: Int, at gateway: RunningGateway, _ notes: Notes) async throws {
        try await gateway.ari.followEvents(of: ["app"], group: "workers") { each in
            switch each {
            case .connected: notes.note("connected", of: worker)
            case .disconnected: notes.note("disconnected", of: worker)
            case .event(let event): notes.note("\(event.type) \(event.channel?.id ?? "")", of: worker)
            }
        }
    }
}
