import EventBus
import Foundation
import LiveBroker
import NIOCore
import RabbitMQBus
import Testing

extension ServiceEvent {
    /// An event that is known by its number.
    static func numbered(_ number: Int, key: String = "applications.a.nodes.created") -> ServiceEvent {
        ServiceEvent(
            routingKey: key,
            headers: ["name": .text("application_node_created")],
            body: ByteBuffer(string: "{\"data\":\(number)}")
        )
    }
}

extension ServiceExchanges {
    /// Exchanges that no other test uses.
    static func unshared() -> ServiceExchanges {
        let id = UUID()
        var exchanges = ServiceExchanges()
        exchanges.applications += "-\(id)"
        exchanges.others += "-\(id)"
        exchanges.all += "-\(id)"
        return exchanges
    }
}

/// What every bus must do with the events of services.
@Suite("Service events conformance", .liveBroker, .timeLimit(.minutes(2)))
struct ServiceEventConformance {
    private static let events = [
        ServiceEvent(
            routingKey: "applications.a.calls.created",
            headers: [
                "name": .text("application_call_entered"), "required_acl": .text("events.applications.a.calls.created"),
                "user_uuid:*": .flag(true), "user_uuid:b": .flag(false), "empty": .text(""), "nothing": .null,
            ],
            body: ByteBuffer(string: #"{"name":"application_call_entered","data":{"caller":"Zoë"}}"#)
        ),
        ServiceEvent(
            routingKey: "auth.sessions.s.deleted",
            headers: ["name": .text("auth_session_deleted"), "required_acl": .null],
            body: ByteBuffer(string: #"{"data":{}}"#)
        ),
        ServiceEvent(routingKey: "status.x", headers: [:], body: ByteBuffer(string: "{}")),
    ]

    @Test(
        "every listener hears every service once, with key, headers and body as they were told",
        arguments: TestedBus.Kind.allCases
    )
    func heard(kind: TestedBus.Kind) async throws {
        let bus = try TestedBus.make(kind).bus
        var one = try await bus.listen(limit: 10).makeAsyncIterator()
        var other = try await bus.listen(limit: 10).makeAsyncIterator()
        // One after another: on a broker, events of different exchanges have no common order.
        for event in Self.events {
            try await bus.announce(event)
            #expect(await [one.next(), other.next()] == [event, event])
        }
        await bus.shutDown()
    }

    @Test("events of nodes and of services do not mix", arguments: TestedBus.Kind.allCases)
    func apart(kind: TestedBus.Kind) async throws {
        let bus = try TestedBus.make(kind).bus
        var subscriber = try await bus.subscribe(["#"], limit: 10).makeAsyncIterator()
        var listener = try await bus.listen(limit: 10).makeAsyncIterator()
        for number in 1...2 {
            try await bus.announce(.numbered(number))
            try await bus.publish(
                BusEvent(
                    topic: "applications.a.nodes.created",
                    name: "Test",
                    node: "ast1",
                    incarnation: "1",
                    sequence: UInt64(number),
                    body: ByteBuffer(string: "{}")
                )
            )
        }
        #expect(await [listener.next(), listener.next()] == [.numbered(1), .numbered(2)])
        #expect(await [subscriber.next()?.sequence, subscriber.next()?.sequence] == [1, 2])
        await bus.shutDown()
    }

    @Test("the events of a service arrive in the order of announcement", arguments: TestedBus.Kind.allCases)
    func order(kind: TestedBus.Kind) async throws {
        let bus = try TestedBus.make(kind).bus
        let listener = try await bus.listen(limit: 1000)
        for number in 1...1000 { try await bus.announce(.numbered(number)) }
        #expect(await Self.take(1000, of: listener) == (1...1000).map { .numbered($0) })
        await bus.shutDown()
    }

    @Test(
        "a listener that reads too slowly is ended without a gap; the others hear on",
        arguments: TestedBus.Kind.allCases
    )
    func slow(kind: TestedBus.Kind) async throws {
        let bus = try TestedBus.make(kind).bus
        let slow = try await bus.listen(limit: 3)
        let fast = try await bus.listen(limit: 3000)
        for number in 1...3000 { try await bus.announce(.numbered(number)) }
        #expect(await Self.take(3000, of: fast).count == 3000)
        // Ends by itself, or the test would last for ever.
        let heard = await Self.take(3001, of: slow)
        #expect(heard.count >= 3 && heard.count < 3000)
        #expect(heard == (1...max(1, heard.count)).map { .numbered($0) })
        await bus.shutDown()
    }

    /// The next events, fewer when the stream ends.
    private static func take(_ count: Int, of stream: AsyncStream<ServiceEvent>) async -> [ServiceEvent] {
        var events: [ServiceEvent] = []
        for await event in stream {
            events.append(event)
            if events.count == count { break }
        }
        return events
    }
}
