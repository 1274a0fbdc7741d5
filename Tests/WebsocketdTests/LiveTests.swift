import ARI
import EventBus
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization
import Telemetry
import Testing
import Websocketd

/// A count that tasks share.
private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func increment() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// Over real sockets; the auth service is simulated.
@Suite("websocketd over its sockets", .timeLimit(.minutes(5)))
struct LiveTests {
    @Test(
        "refusals are closes after the upgrade",
        arguments: [
            ("/?version=3&token=good", Ending(code: 4004, reason: "")),
            ("/?version=x&token=good", Ending(code: 1011, reason: "")),
            ("/", Ending(code: 4001, reason: "no token")),
            ("/?token=unknown", Ending(code: 4002, reason: "authentication failed")),
            ("/?token=poor", Ending(code: 4002, reason: "authentication failed")),
        ]
    )
    func refusals(target: String, closure: Ending) async throws {
        let auth = SimulatedAuth([.sample(), .sample("poor", acl: ["events.#"])])
        try await RunningWebsocketd.with(auth: auth) { daemon in
            let ending = try await daemon.session(target)
            #expect(ending == closure)
        }
    }

    @Test("clients of both ages hear what they subscribed to, and nothing else", arguments: [1, 2])
    func events(version: Int) async throws {
        try await RunningWebsocketd.with { daemon in
            let heard = Mutex<[String]>([])
            let body = #"{"name":"call_created","data":{"id":"1.5"}}"#
            let closure = try await daemon.session(
                "/api/websocketd/?version=\(version)",
                headers: ["X-Auth-Token": "good"]
            ) { text, writer in
                heard.withLock { $0.append(text) }
                if text.contains("init") {
                    // As the clients do: both at once, without waiting for an answer.
                    try await writer.send(
                        ByteBuffer(string: #"{"op":"subscribe","data":{"event_name":"call_created"}}"#)
                    )
                    try await writer.send(ByteBuffer(string: #"{"op":"start"}"#))
                } else if text.contains(#""start""#) {
                    try await daemon.bus.announce(.sample("other"))
                    try await daemon.bus.announce(.sample(headers: ["required_acl": .text("secrets")]))
                    try await daemon.bus.announce(.sample(body: body))
                } else if text.contains("1.5") {
                    try await writer.close(code: .normalClosure)
                }
            }
            #expect(closure.code == 1000)
            let event = version == 1 ? body : #"{"op": "event", "code": 0, "data": \#(body)}"#
            #expect(
                heard.withLock(\.self) == [
                    #"{"op": "init", "code": 0, "data": {"version":\#(version)}}"#,
                    #"{"op": "subscribe", "code": 0, "data": null}"#, #"{"op": "start", "code": 0, "data": null}"#,
                    event,
                ]
            )
        }
    }

    @Test("frames that are no commands end the session")
    func nonsense() async throws {
        try await RunningWebsocketd.with { daemon in
            let closure = try await daemon.session("/?token=good") { text, writer in
                if text.contains("init") { try await writer.send(ByteBuffer(string: "nonsense")) }
            }
            #expect(closure == Ending(code: 4004, reason: ""))
        }
    }

    @Test("a message larger than the bound ends the session")
    func tooLarge() async throws {
        try await RunningWebsocketd.with(change: { $0.maximumMessage = 1000 }) { daemon in
            let closure = try await daemon.session("/?token=good") { text, writer in
                let large = ByteBuffer(repeating: UInt8(ascii: " "), count: 2000)
                if text.contains("init") { try await writer.send(large) }
            }
            #expect(closure.code == 1009)
        }
    }

    @Test("a revoked token ends the session at the next check")
    func revoked() async throws {
        try await RunningWebsocketd.with(change: { $0.recheck = .every(.milliseconds(20)) }) { daemon in
            let closure = try await daemon.session("/?token=good") { _, _ in daemon.auth.revoke("good") }
            #expect(closure == Ending(code: 4003, reason: "authentication expired"))
        }
    }

    @Test("the end of the bus ends every session; they may come again when it is back")
    func busLost() async throws {
        try await RunningWebsocketd.with { daemon in
            let closure = try await daemon.session("/?token=good") { _, _ in daemon.bus.shutDown() }
            #expect(closure == Ending(code: 1011, reason: "bus connection lost"))
            let again = try await daemon.session("/?token=good")
            #expect(again == Ending(code: 1011, reason: "bus connection error"))
        }
    }

    @Test("a client that reads too slowly is let go, and the others hear everything")
    func slow() async throws {
        try await RunningWebsocketd.with(change: { $0.backlog = 4_000_000 }) { daemon in
            let start = [#"{"op":"subscribe","data":{"event_name":"*"}}"#, #"{"op":"start"}"#]
            let count = 400
            let heard = Counter()
            let (started, starts) = AsyncStream.makeStream(of: Void.self)
            let (over, end) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Stays in its handler, so that nothing more is read.
                    _ = try await daemon.session("/?token=good&version=2", send: start) { text, _ in
                        guard text.contains(#""start""#) else { return }
                        starts.yield()
                        for await _ in over {}
                    }
                }
                group.addTask {
                    _ = try await daemon.session("/?token=good&version=2", send: start) { text, writer in
                        if text.contains(#""start""#) { starts.yield() }
                        guard text.contains(#""event""#) else { return }
                        if heard.increment() == count {
                            try await writer.close(code: .normalClosure)
                        }
                    }
                    end.finish()
                }
                var iterator = started.makeAsyncIterator()
                for _ in 0..<2 { await iterator.next() }
                let body = #"{"name":"call_created","data":""# + String(repeating: "x", count: 100_000) + #""}"#
                for sent in 1...count {
                    try await daemon.bus.announce(.sample(body: body))
                    // No faster than a client that does read.
                    while sent - heard.value > 10 { try await Task.sleep(for: .milliseconds(1)) }
                }
                try await group.waitForAll()
            }
            #expect(heard.value == count)
            #expect(daemon.metrics.text().contains(#"asterism_websocketd_closes_total{type="1013"} 1"#))
        }
    }
}
