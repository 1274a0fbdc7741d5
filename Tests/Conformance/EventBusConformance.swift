import EventBus
import Foundation
import LiveBroker
import Logging
import NIOCore
import RabbitMQBus
import Testing

/// A bus under test.
struct TestedBus: Sendable {
    let bus: any EventBus
    /// Waits until subscriptions have got so many events, read or not.
    let settle: @Sendable (_ events: Int) async throws -> Void

    /// Every implementation of the port.
    enum Kind: String, CaseIterable, Sendable { case embedded, rabbitMQ }

    /// A bus of its own, with nobody else on it.
    static func make(_ kind: Kind) throws -> TestedBus {
        switch kind {
        case .embedded: return TestedBus(bus: EmbeddedBus(), settle: { _ in })
        case .rabbitMQ:
            var settings = try LiveBroker.current.settings(name: "conformance")
            settings.exchange = "test-\(UUID())"
            settings.services = .unshared()
            let bus = RabbitMQBus(settings: settings, logger: Logger(label: "bus"))
            return TestedBus(bus: bus) { events in
                while bus.state.delivered < events { try await Task.sleep(for: .milliseconds(2)) }
            }
        }
    }
}

/// What every bus must do, whichever engine is behind it.
@Suite("EventBus conformance", .liveBroker, .timeLimit(.minutes(2)))
struct EventBusConformance {
    private static func event(_ topic: String, _ sequence: UInt64 = 1) -> BusEvent {
        BusEvent(
            topic: topic,
            name: "Test",
            node: "ast1",
            incarnation: "1",
            sequence: sequence,
            body: ByteBuffer(string: "{}")
        )
    }

    @Test("an event reaches those whose pattern matches, once each", arguments: TestedBus.Kind.allCases)
    func topics(kind: TestedBus.Kind) async throws {
        let tested = try TestedBus.make(kind)
        let bus = tested.bus
        var one = try await bus.subscribe(["stasis.app.tts", "stasis.app.#"], limit: 10).makeAsyncIterator()
        var all = try await bus.subscribe(["#"], limit: 10).makeAsyncIterator()
        try await bus.publish(Self.event("stasis.channel.x", 1))
        try await bus.publish(Self.event("stasis.app.tts", 2))
        try await bus.publish(Self.event("stasis.app.conference", 3))
        #expect(await [one.next()?.sequence, one.next()?.sequence] == [2, 3])
        #expect(await [all.next()?.sequence, all.next()?.sequence, all.next()?.sequence] == [1, 2, 3])
        await bus.shutDown()
    }

    @Test("events of a node arrive in the order of publication", arguments: TestedBus.Kind.allCases)
    func order(kind: TestedBus.Kind) async throws {
        let tested = try TestedBus.make(kind)
        let bus = tested.bus
        let stream = try await bus.subscribe(["#"], limit: 1000)
        for sequence in 1...1000 { try await bus.publish(Self.event("stasis.node.ast1", UInt64(sequence))) }
        var received: [UInt64] = []
        for await event in stream {
            received.append(event.sequence)
            if received.count == 1000 { break }
        }
        #expect(received == (1...1000).map(UInt64.init))
        await bus.shutDown()
    }

    @Test("a reader that is too slow loses the oldest and sees the gap", arguments: TestedBus.Kind.allCases)
    func overflow(kind: TestedBus.Kind) async throws {
        let tested = try TestedBus.make(kind)
        let bus = tested.bus
        var slow = try await bus.subscribe(["#"], limit: 3).makeAsyncIterator()
        for sequence in 1...10 { try await bus.publish(Self.event("stasis.node.ast1", UInt64(sequence))) }
        try await tested.settle(10)
        #expect(await [slow.next()?.sequence, slow.next()?.sequence, slow.next()?.sequence] == [8, 9, 10])
        await bus.shutDown()
    }

    @Test("a bus that was shut down says so, and its subscriptions end", arguments: TestedBus.Kind.allCases)
    func shutdown(kind: TestedBus.Kind) async throws {
        let bus = try TestedBus.make(kind).bus
        var events = try await bus.subscribe(["#"], limit: 3).makeAsyncIterator()
        var announcements = try await bus.listen(limit: 3).makeAsyncIterator()
        await bus.shutDown()
        #expect(await events.next() == nil)
        #expect(await announcements.next() == nil)
        await #expect(throws: EventBusError.self) { try await bus.publish(Self.event("stasis.node.ast1")) }
        await #expect(throws: EventBusError.self) { _ = try await bus.subscribe(["#"], limit: 1) }
        await #expect(throws: EventBusError.self) { try await bus.announce(.numbered(1)) }
        await #expect(throws: EventBusError.self) { _ = try await bus.listen(limit: 1) }
    }

    @Test("those who are cancelled amid events hold up nobody")
    func cancelledSubscribers() async throws {
        let bus = EmbeddedBus()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2 {
                group.addTask {
                    while !Task.isCancelled {
                        try await bus.publish(Self.event("stasis.app.\(number)"))
                        try await bus.announce(
                            ServiceEvent(routingKey: "\(number)", headers: [:], body: ByteBuffer(string: "{}"))
                        )
                        await Task.yield()
                    }
                }
            }
            for _ in 0..<500 {
                let readers = [
                    Task { for await _ in try await bus.subscribe(["#"], limit: 10) {} },
                    Task { for await _ in try await bus.listen(limit: 1_000) {} },
                ]
                try await Task.sleep(for: .microseconds(100))
                for reader in readers { reader.cancel() }
                for reader in readers { try await reader.value }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        bus.shutDown()
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
            ("a.#", "ab", false), ("a.#", "", false), ("a.b.#", "a.b", true), (".#", ".a", true), (".#", "a", false),
        ]
    )
    func table(pattern: String, topic: String, matches: Bool) {
        #expect(TopicPattern(pattern).matches(topic) == matches)
    }
}
