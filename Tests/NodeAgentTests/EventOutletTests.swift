import EventBus
import Logging
import NIOCore
import Testing

@testable import NodeAgent

@Suite("The event outlet")
struct EventOutletTests {
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func event(_ type: String) -> ByteBuffer {
        ByteBuffer(string: #"{"type":"\#(type)","application":"tts"}"#)
    }

    @Test("events are numbered from 1 in each incarnation, and passed on as received")
    func numbers() async throws {
        let bus = EmbeddedBus()
        let outlet = EventOutlet(node: "ast1", logger: quiet)
        let stream = try await bus.subscribe(["stasis.app.tts"], limit: 10)
        outlet.begin(incarnation: "one")
        outlet.accept(event("A"))
        outlet.accept(ByteBuffer(string: "not an event"))
        outlet.accept(event("B"))
        outlet.begin(incarnation: "two")
        outlet.accept(event("C"))
        let running = Task { await outlet.run(publishingTo: bus) }
        var received: [BusEvent] = []
        for await event in stream {
            received.append(event)
            if received.count == 3 { break }
        }
        running.cancel()
        #expect(received.map(\.sequence) == [1, 2, 1])
        #expect(received.map(\.incarnation) == ["one", "one", "two"])
        #expect(received.map(\.body) == ["A", "B", "C"].map(event))
        #expect(received.allSatisfy { $0.node == "ast1" })
    }

    @Test("what does not fit shows as a gap")
    func gap() async throws {
        let bus = EmbeddedBus()
        let outlet = EventOutlet(node: "ast1", limit: 2, logger: quiet)
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
