import ARI
import EventBus
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import Testing

@testable import NodeAgent

@Suite("The event outlet")
struct EventOutletTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func event(_ type: String) -> ByteBuffer {
        ByteBuffer(string: #"{"type":"\#(type)","application":"tts"}"#)
    }

    @Test("what waited for the bus goes before what comes when it is there")
    func order() async throws {
        let bus = EmbeddedBus()
        let outlet = EventOutlet(rules: PublicationRules(node: "ast1"), logger: quiet)
        let stream = try await bus.subscribe(["stasis.app.tts"], limit: 1000)
        outlet.begin(incarnation: "one", base: 0)
        for _ in 0..<100 { outlet.accept(event("A")) }
        let running = Task { await outlet.run(publishingTo: bus) }
        for _ in 0..<100 {
            outlet.accept(event("B"))
            await Task.yield()
        }
        var received: [UInt64] = []
        for await event in stream {
            received.append(event.sequence)
            if received.count == 200 { break }
        }
        running.cancel()
        #expect(received == Array(1...200))
    }

    @Test("a bridge that a user event carries is put where it belongs; all other events stay as they are")
    func carried() async throws {
        let bus = EmbeddedBus()
        let outlet = EventOutlet(rules: PublicationRules(node: "ast1"), logger: quiet)
        let stream = try await bus.subscribe(["stasis.app.tts"], limit: 10)
        let plain = ByteBuffer(string: #"{"type":"ChannelUserevent","application":"tts","userevent":{"k":1} }"#)
        let carrying = #"{"type":"ChannelUserevent","application":"tts","userevent":{"asterism_bridge":{"id":"x"}}}"#
        outlet.accept(plain)
        outlet.accept(ByteBuffer(string: carrying))
        let running = Task { await outlet.run(publishingTo: bus) }
        defer { running.cancel() }
        var received = stream.makeAsyncIterator()
        #expect(await received.next()?.body == plain)
        let told = try JSONDecoder().decode(JSONValue.self, from: #require(await received.next()).body)
        #expect(told == ["type": "ChannelUserevent", "application": "tts", "userevent": [:], "bridge": ["id": "x"]])
    }

    @Test("events are numbered from a base in each incarnation, and passed on as received")
    func numbers() async throws {
        let bus = EmbeddedBus()
        let outlet = EventOutlet(rules: PublicationRules(node: "ast1"), logger: quiet)
        let stream = try await bus.subscribe(["stasis.app.tts"], limit: 10)
        outlet.begin(incarnation: "one", base: 1000)
        outlet.accept(event("A"))
        outlet.accept(ByteBuffer(string: "not an event"))
        outlet.accept(event("B"))
        outlet.begin(incarnation: "two", base: 2000)
        outlet.accept(event("C"))
        let running = Task { await outlet.run(publishingTo: bus) }
        var received: [BusEvent] = []
        for await event in stream {
            received.append(event)
            if received.count == 3 { break }
        }
        running.cancel()
        #expect(received.map(\.sequence) == [1001, 1002, 2001])
        #expect(received.map(\.incarnation) == ["one", "one", "two"])
        #expect(received.map(\.body) == ["A", "B", "C"].map(event))
        #expect(received.allSatisfy { $0.node == "ast1" })
    }

    @Test("an agent counts on from above what an earlier one has given out, whatever the clock says")
    func base() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let base = EventOutlet.base(now: now)
        #expect(base == 1_800_000_000_000_000)
        #expect(EventOutlet.base(after: base, now: now + 1) == base + 1_000_000)
        #expect(EventOutlet.base(after: base, now: now) > base + 1_000_000)
        #expect(EventOutlet.base(after: base, now: now - 86_400) > base + 1_000_000)
    }

    @Test("events of the manager interface are not counted")
    func manager() async throws {
        let bus = EmbeddedBus()
        let settings = PublishingSettings(publishAMIEvents: true)
        let outlet = EventOutlet(rules: PublicationRules(node: "ast1", settings: settings), logger: quiet)
        let stream = try await bus.subscribe(["#"], limit: 10)
        outlet.begin(incarnation: "one", base: 1000)
        outlet.accept(AMIMessage(fields: [("Event", "DeviceStateChange"), ("Device", "Local/3000@default")]))
        outlet.accept(event("A"))
        let running = Task { await outlet.run(publishingTo: bus) }
        var iterator = stream.makeAsyncIterator()
        let manager = try #require(await iterator.next())
        #expect(manager.topic == "stasis.ami.DeviceStateChange")
        #expect(manager.name == "DeviceStateChange")
        #expect(manager.sequence == 0)
        #expect(manager.incarnation == "one")
        #expect(String(buffer: manager.body) == #"{"Event":"DeviceStateChange","Device":"Local/3000@default"}"#)
        #expect(await iterator.next()?.sequence == 1001)
        running.cancel()
    }

    @Test("what does not fit shows as a gap")
    func gap() async throws {
        let bus = EmbeddedBus()
        let outlet = EventOutlet(rules: PublicationRules(node: "ast1"), limit: 2, logger: quiet)
        let stream = try await bus.subscribe(["#"], limit: 10)
        for type in ["A", "B", "C", "D"] { outlet.accept(event(type)) }
        let running = Task { await outlet.run(publishingTo: bus) }
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next()?.sequence == 1)
        #expect(await iterator.next()?.sequence == 2)
        outlet.accept(event("E"))
        #expect(await iterator.next()?.sequence == 5)
        running.cancel()
    }
}
