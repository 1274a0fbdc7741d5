import EventBus
import Foundation
import LiveBroker
import Logging
import NIOCore
import Testing

@testable import RabbitMQBus

@Suite("Service events on a real broker", .liveBroker, .serialized, .timeLimit(.minutes(5)))
struct LiveServiceEventTests {
    private func settings() throws -> RabbitMQSettings { try LiveBroker.current.settings(name: "test") }

    private func bus(_ settings: RabbitMQSettings) -> RabbitMQBus {
        RabbitMQBus(settings: settings, logger: Logger(label: "bus") { _ in SwiftLogNoOpLogHandler() })
    }

    private func event(
        _ number: Int,
        key: String = "applications.a.nodes.created",
        headers: [String: ServiceEvent.Header] = [:]
    ) -> ServiceEvent {
        ServiceEvent(
            routingKey: key,
            headers: headers.merging(["name": .text("test")]) { own, _ in own },
            body: ByteBuffer(string: "{\"data\":\(number)}")
        )
    }

    private func until(_ condition: @Sendable () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test(
        "on the wire: one announcement serves clients of both generations, with the same properties and headers",
        arguments: [("applications.a.nodes.created", "wazo-applicationd"), ("auth.sessions.s.deleted", "xivo")]
    )
    func wire(key: String, exchange: String) async throws {
        let settings = try settings()
        let bus = bus(settings)
        let consumers = [
            try RawConsumer(settings.brokers[0], exchange: exchange),
            try RawConsumer(settings.brokers[0], headersExchange: "wazo-headers"),
        ]
        let before = UInt64(Date().timeIntervalSince1970)
        let headers: [String: ServiceEvent.Header] = [
            "required_acl": .text("events.\(key)"), "user_uuid:*": .flag(true), "user_uuid:b": .flag(false),
            "nothing": .null,
        ]
        for number in 1...2 { try await bus.announce(event(number, key: key, headers: headers)) }
        for consumer in consumers {
            for number in 1...2 {
                let message = try consumer.next()
                #expect(message.exchange == exchange && message.routingKey == key)
                #expect(message.contentType == "application/json" && message.contentEncoding == "utf-8")
                #expect(message.deliveryMode == 2)
                #expect((before...before + 60).contains(try #require(message.timestamp)))
                #expect(message.body == "{\"data\":\(number)}")
                #expect(
                    message.headers == [
                        "name": "test", "required_acl": "events.\(key)", "user_uuid:*": "<true>",
                        "user_uuid:b": "<false>", "nothing": "<void>",
                    ]
                )
            }
        }
        await bus.shutDown()
    }

    @Test("bindings of today's websocketd, on name and a boolean user header, let through what they should")
    func bindings() async throws {
        let settings = try settings()
        let bus = bus(settings)
        let consumer = try RawConsumer(
            settings.brokers[0],
            headersExchange: "wazo-headers",
            arguments: ["name": .text("test"), "user_uuid:*": .flag(true)]
        )
        try await bus.announce(event(1))
        try await bus.announce(event(2, headers: ["user_uuid:*": .text("true")]))
        try await bus.announce(event(3, headers: ["user_uuid:*": .flag(true), "name": .text("other")]))
        try await bus.announce(event(4, headers: ["user_uuid:*": .flag(true)]))
        #expect(try consumer.next().body == #"{"data":4}"#)
        await bus.shutDown()
    }

    @Test("a listener's stream ends with the broker; what is announced meanwhile waits, and who listens again hears on")
    func brokerLost() async throws {
        let bus = bus(try settings())
        var listener = try await bus.listen(limit: 100).makeAsyncIterator()
        try await bus.announce(event(1))
        #expect(await listener.next() == event(1))
        try await until { bus.state.confirmed == 1 }
        try await LiveBroker.current.kill()
        #expect(await listener.next() == nil)
        for number in 2...101 { try await bus.announce(event(number)) }
        try await until { bus.state.confirmed == 101 }
        #expect(bus.state.dropped == 0)
        var again = try await bus.listen(limit: 100).makeAsyncIterator()
        try await bus.announce(event(102))
        #expect(await again.next() == event(102))
        await bus.shutDown()
    }

    @Test("a broker that hangs for longer than the heartbeat ends a listener's stream; a new one is refused in time")
    func brokerHung() async throws {
        var settings = try settings()
        settings.heartbeat = 1
        let bus = bus(settings)
        var listener = try await bus.listen(limit: 100).makeAsyncIterator()
        let broker = try LiveBroker.current
        await broker.signal(SIGSTOP)
        #expect(await listener.next() == nil)
        let refusal = await ContinuousClock().measure {
            await #expect(throws: EventBusError.self) { _ = try await bus.listen(limit: 1) }
        }
        await broker.signal(SIGCONT)
        #expect(refusal < .seconds(8))
        try await broker.untilReachable()
        await bus.shutDown()
    }

    @Test("a listener that finds the first of two brokers dead hears the other")
    func anotherBroker() async throws {
        var settings = try settings()
        settings.brokers.insert(try BrokerAddress(url: "amqp://guest:guest@127.0.0.1:1"), at: 0)
        let bus = bus(settings)
        var listener = try await bus.listen(limit: 1).makeAsyncIterator()
        try await bus.announce(event(1))
        #expect(await listener.next() == event(1))
        await bus.shutDown()
    }

    @Test("a bus without a broker refuses to listen")
    func unreachable() async throws {
        var settings = try settings()
        settings.brokers = [try BrokerAddress(url: "amqp://guest:guest@127.0.0.1:1")]
        let bus = bus(settings)
        await #expect(throws: EventBusError.self) { _ = try await bus.listen(limit: 1) }
        await bus.shutDown()
    }
}
