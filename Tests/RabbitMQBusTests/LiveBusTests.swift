import EventBus
import Foundation
import LiveBroker
import Logging
import NIOCore
import Synchronization
import Testing

@testable import RabbitMQBus

@Suite("A bus on a real broker", .liveBroker, .serialized, .timeLimit(.minutes(5)))
struct LiveBusTests {
    private static let logger = Logger(label: "bus") { _ in SwiftLogNoOpLogHandler() }

    private func settings(_ exchange: String, consumer: String? = nil) throws -> RabbitMQSettings {
        var settings = try LiveBroker.current.settings(name: "test", consumer: consumer)
        settings.exchange = exchange
        return settings
    }

    private func bus(_ settings: RabbitMQSettings) -> RabbitMQBus {
        RabbitMQBus(settings: settings, logger: Self.logger)
    }

    private func event(_ sequence: Int, _ topic: String = "stasis.node.ast1", size: Int = 20) -> BusEvent {
        BusEvent(
            topic: topic,
            name: "Test",
            node: "ast1",
            incarnation: "1",
            sequence: UInt64(sequence),
            body: ByteBuffer(string: "{\"x\":\"\(String(repeating: "x", count: size))\"}")
        )
    }

    /// The numbers of the next events.
    private func take(_ count: Int, of stream: AsyncStream<BusEvent>) async -> [UInt64] {
        var numbers: [UInt64] = []
        for await event in stream {
            numbers.append(event.sequence)
            if numbers.count == count { break }
        }
        return numbers
    }

    private func until(_ condition: @Sendable () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    private static func numbers(_ range: ClosedRange<Int>) -> [UInt64] { range.map { UInt64($0) } }

    @Test("on the wire: keys, headers, properties and bodies of both formats", arguments: EventFormat.allCases)
    func wire(format: EventFormat) async throws {
        var settings = try settings("wire-\(format)")
        settings.format = format
        let raw = try RawConsumer(settings.brokers[0], exchange: settings.exchange)
        let bus = bus(settings)
        try await bus.publish(EventFormatTests.event("stasis.app.TTS", "StasisStart"))
        let message = try raw.next()
        #expect(message.exchange == settings.exchange)
        #expect(message.routingKey == "stasis.app.tts")
        #expect(message.contentType == "application/json" && message.deliveryMode == 2)
        var headers = [
            "x-asterism-topic": "stasis.app.TTS", "x-asterism-name": "StasisStart", "x-asterism-node": "ast1",
            "x-asterism-incarnation": "7", "x-asterism-sequence": "1700000000000001",
        ]
        switch format {
        case .bare: #expect(message.body == #"{"type":"X"}"#)
        case .wrapped:
            #expect(message.body == #"{"name":"StasisStart","data":{"type":"X"},"application":"TTS"}"#)
            headers.merge(["name": "StasisStart", "category": "stasis", "application_name": "TTS"]) { $1 }
        }
        #expect(message.headers == headers)
        await bus.shutDown()
    }

    @Test("subscribers get topics as published, whichever the format", arguments: EventFormat.allCases)
    func topics(format: EventFormat) async throws {
        var settings = try settings("topics-\(format)")
        settings.format = format
        let bus = bus(settings)
        let app = try await bus.subscribe(["stasis.app.TTS"], limit: 10)
        let channel = try await bus.subscribe(["stasis.channel.A.1", "stasis.ami.#"], limit: 10)
        for (number, topic) in [
            "stasis.app.other", "stasis.app.TTS", "stasis.channel.A.2", "stasis.channel.A.1", "stasis.ami.Dial",
        ].enumerated() { try await bus.publish(event(number + 1, topic)) }
        #expect(await take(1, of: app) == [2])
        #expect(await take(2, of: channel) == [4, 5])
        await bus.shutDown()
    }

    @Test("a broker killed amid 5,000 events: all arrive, in order, none twice, at both subscribers")
    func killed() async throws {
        let settings = try settings("killed", consumer: "killed")
        let bus = bus(settings)
        let streams = [
            try await bus.subscribe(["#"], limit: 10_000), try await bus.subscribe(["stasis.node.*"], limit: 10_000),
        ]
        let broker = try LiveBroker.current
        try await bus.publish(event(0))
        // A broker that is killed right after a queue was declared may come back without it.
        try await until { bus.state.delivered == 2 }
        for number in 1...5000 {
            try await bus.publish(event(number))
            if number == 2500 { try await broker.kill() }
        }
        for stream in streams { #expect(await take(5001, of: stream) == Self.numbers(0...5000)) }
        #expect(bus.state.dropped == 0)
        // Counted a moment after events flow again.
        let deadline = ContinuousClock.now + .seconds(10)
        while bus.state.reconnects < 3, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(bus.state.reconnects >= 3)
        await bus.shutDown()
    }

    @Test("a broker that hangs for longer than the heartbeat: all arrive")
    func hung() async throws {
        var settings = try settings("hung", consumer: "hung")
        settings.heartbeat = 1
        let bus = bus(settings)
        let stream = try await bus.subscribe(["#"], limit: 10_000)
        try await bus.publish(event(1))
        let broker = try LiveBroker.current
        try await until { bus.state.delivered == 1 }
        await broker.signal(SIGSTOP)
        for number in 2...1000 { try await bus.publish(event(number)) }
        try await until { !bus.state.isConnected }
        await broker.signal(SIGCONT)
        #expect(await take(1000, of: stream) == Self.numbers(1...1000))
        await bus.shutDown()
    }

    @Test("while the broker is away a full buffer drops the oldest, and says how many")
    func overflow() async throws {
        var settings = try settings("overflow")
        settings.bufferedEvents = 100
        let loss = Loss()
        settings.onLoss = { loss.add($0) }
        // Apart, so that what is known of the one's connection is not said of the other's.
        let bus = bus(settings)
        let receiver = self.bus(try self.settings("overflow", consumer: "overflow"))
        let stream = try await receiver.subscribe(["#"], limit: 1000)
        try await bus.publish(event(1))
        try await until { receiver.state.delivered == 1 && bus.state.confirmed == 1 }
        // In order: a broker that is killed right after a queue was declared may come back without it.
        await (try LiveBroker.current).signal(SIGTERM)
        try await until { !bus.state.isConnected }
        for number in 2...301 { try await bus.publish(event(number)) }
        #expect(bus.state.dropped == 200 && loss.total == 200 && bus.state.buffered == 100)
        #expect(await take(101, of: stream) == [1] + Self.numbers(202...301))
        for bus in [receiver, bus] { await bus.shutDown() }
    }

    @Test("a named consumer that comes back gets what came meanwhile; a dropped subscription leaves no queue")
    func named() async throws {
        let settings = try settings("named", consumer: "named")
        let publisher = bus(try self.settings("named"))
        let first = bus(settings)
        let stream = try await first.subscribe(["#"], limit: 1000)
        await first.shutDown()
        withExtendedLifetime(stream) {}
        for number in 1...10 { try await publisher.publish(event(number)) }
        try await until { publisher.state.confirmed == 10 }
        let second = bus(settings)
        #expect(await take(10, of: try await second.subscribe(["#"], limit: 1000)) == Self.numbers(1...10))
        // The stream is gone, and so the queue: what comes now is for nobody.
        try await until { second.state.isConnected }
        try await Task.sleep(for: .milliseconds(300))
        try await publisher.publish(event(11))
        try await until { publisher.state.confirmed == 11 }
        let third = bus(settings)
        let last = try await third.subscribe(["#"], limit: 1000)
        try await publisher.publish(event(12))
        #expect(await take(1, of: last) == [12])
        for bus in [publisher, second, third] { await bus.shutDown() }
    }

    @Test("a bus whose broker is away takes subscriptions and events, and connects later")
    func later() async throws {
        let settings = try settings("later")
        try await LiveBroker.current.kill()
        let bus = bus(settings)
        let stream = try await bus.subscribe(["#"], limit: 10)
        try await until { bus.state.isConnected }
        try await bus.publish(event(1))
        #expect(await take(1, of: stream) == [1])
        await bus.shutDown()
    }

    @Test("a named subscription is effective when it is given, although the broker was away when it was asked for")
    func effective() async throws {
        let settings = try settings("effective", consumer: "effective")
        try await LiveBroker.current.kill()
        let publisher = bus(try self.settings("effective"))
        let bus = bus(settings)
        let stream = try await bus.subscribe(["#"], limit: 10)
        #expect(bus.state.isConnected)
        try await publisher.publish(event(1))
        #expect(await take(1, of: stream) == [1])
        for bus in [publisher, bus] { await bus.shutDown() }
    }

    @Test("what is buffered is sent before the end")
    func flush() async throws {
        let receiver = bus(try settings("flush"))
        let stream = try await receiver.subscribe(["#"], limit: 2000)
        let sender = bus(try settings("flush"))
        for number in 1...700 { try await sender.publish(event(number)) }
        // At its end it has no time to connect first.
        try await until { sender.state.confirmed > 0 }
        for number in 701...1000 { try await sender.publish(event(number)) }
        await sender.shutDown()
        #expect(sender.state.buffered == 0)
        #expect(await take(1000, of: stream) == Self.numbers(1...1000))
        await receiver.shutDown()
    }

    @Test("events of 1 kB flow by the thousand")
    func throughput() async throws {
        let bus = bus(try settings("throughput"))
        let stream = try await bus.subscribe(["#"], limit: 100_000)
        let clock = ContinuousClock()
        let time = try await clock.measure {
            for number in 1...20_000 { try await bus.publish(event(number, size: 1000)) }
            #expect(await take(20_000, of: stream).count == 20_000)
        }
        print("bus: 20,000 events of 1 kB in \(time)")
        #expect(time < .seconds(30))
        await bus.shutDown()
    }
}

/// Adds up losses.
private final class Loss: Sendable {
    private let sum = Mutex(0)
    var total: Int { sum.withLock(\.self) }
    func add(_ count: Int) { sum.withLock { $0 += count } }
}
