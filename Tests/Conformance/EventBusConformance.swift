import EventBus
import NIOCore
import Testing

/// What every bus must do, whichever engine is behind it.
@Suite("EventBus conformance", .timeLimit(.minutes(1)))
struct EventBusConformance {
    /// Every implementation of the port.
    static let buses: [(String, @Sendable () -> any EventBus)] = [("embedded", { EmbeddedBus() })]

    private static func event(_ topic: String, _ sequence: UInt64 = 1) -> BusEvent {
        BusEvent(topic: topic, name: "Test", node: "ast1", incarnation: "1", sequence: sequence, body: ByteBuffer(string: "{}"))
    }

    @Test("an event reaches those whose pattern matches, once each", arguments: buses.indices)
    func topics(index: Int) async throws {
        let bus = Self.buses[index].1()
        var one = try await bus.subscribe(["stasis.app.tts", "stasis.app.#"], limit: 10).makeAsyncIterator()
        var all = try await bus.subscribe(["#"], limit: 10).makeAsyncIterator()
        try await bus.publish(Self.event("stasis.channel.x", 1))
        try await bus.publish(Self.event("stasis.app.tts", 2))
        try await bus.publish(Self.event("stasis.app.conference", 3))
        #expect(await [one.next()?.sequence, one.next()?.sequence] == [2, 3])
        #expect(await [all.next()?.sequence, all.next()?.sequence, all.next()?.sequence] == [1, 2, 3])
    }

    @Test("events of a node arrive in the order of publication", arguments: buses.indices)
    func order(index: Int) async throws {
        let bus = Self.buses[index].1()
        let stream = try await bus.subscribe(["#"], limit: 1000)
        for sequence in 1...1000 { try await bus.publish(Self.event("stasis.node.ast1", UInt64(sequence))) }
        var received: [UInt64] = []
        for await event in stream {
            received.append(event.sequence)
            if received.count == 1000 { break }
        }
        #expect(received == (1...1000).map(UInt64.init))
    }

    @Test("a reader that is too slow loses the oldest and sees the gap", arguments: buses.indices)
    func overflow(index: Int) async throws {
        let bus = Self.buses[index].1()
        var slow = try await bus.subscribe(["#"], limit: 3).makeAsyncIterator()
        for sequence in 1...10 { try await bus.publish(Self.event("stasis.node.ast1", UInt64(sequence))) }
        #expect(await [slow.next()?.sequence, slow.next()?.sequence, slow.next()?.sequence] == [8, 9, 10])
    }

    @Test("a bus that was shut down says so, and its subscriptions end")
    func shutdown() async throws {
        let bus = EmbeddedBus()
        var events = try await bus.subscribe(["#"], limit: 3).makeAsyncIterator()
        bus.shutDown()
        #expect(await events.next() == nil)
        await #expect(throws: EventBusError.self) { try await bus.publish(Self.event("stasis.node.ast1")) }
        await #expect(throws: EventBusError.self) { _ = try await bus.subscribe(["#"], limit: 1) }
    }
}

@Suite("Topic patterns")
struct TopicPatternTests {
    @Test(
        "words, `*` and `#` as AMQP has them",
        arguments: [
            ("#", "a.b.c", true), ("#", "", true), ("a.#", "a", true), ("a.#", "a.b.c", true), ("a.*", "a.b", true),
            ("a.*", "a", false), ("a.*", "a.b.c", false), ("*.b", "a.b", true), ("#.c", "a.b.c", true),
            ("a.#.c", "a.c", true), ("a.#.c", "a.x.y.c", true), ("a.b", "a.bc", false), ("a", "b", false),
        ]
    )
    func table(pattern: String, topic: String, matches: Bool) {
        #expect(TopicPattern(pattern).matches(topic) == matches)
    }
}
