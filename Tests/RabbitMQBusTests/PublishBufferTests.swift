import EventBus
import NIOCore
import Testing

@testable import RabbitMQBus

@Suite("Events on their way to the broker")
struct PublishBufferTests {
    private func event(_ sequence: Int, bytes: Int = 10) -> BusEvent {
        BusEvent(
            topic: "stasis.node.ast1",
            name: "X",
            node: "ast1",
            incarnation: "1",
            sequence: UInt64(sequence),
            body: ByteBuffer(repeating: 0x20, count: bytes)
        )
    }

    @Test("the window bounds what is unconfirmed; confirmations open it, single, multiple and out of order")
    func window() {
        var buffer = PublishBuffer<BusEvent>(maximumCount: 100, maximumBytes: 10_000)
        for number in 1...6 { #expect(buffer.append(event(number)) == 0) }
        #expect(buffer.takeUnsent(window: 4).map(\.sequence) == [1, 2, 3, 4])
        #expect(buffer.takeUnsent(window: 4).isEmpty)
        buffer.confirm(tag: 2, multiple: false)
        #expect(buffer.count == 6)
        buffer.confirm(tag: 1, multiple: false)
        #expect(buffer.count == 4)
        #expect(buffer.takeUnsent(window: 4).map(\.sequence) == [5, 6])
        buffer.confirm(tag: 6, multiple: true)
        #expect(buffer.count == 0 && buffer.unconfirmed == 0)
    }

    @Test("after a reconnect, what was not confirmed comes first and in order")
    func reconnect() {
        var buffer = PublishBuffer<BusEvent>(maximumCount: 100, maximumBytes: 10_000)
        for number in 1...5 { _ = buffer.append(event(number)) }
        _ = buffer.takeUnsent(window: 3)
        buffer.confirm(tag: 2, multiple: false)
        buffer.reconnect()
        #expect(buffer.takeUnsent(window: 10).map(\.sequence) == [1, 3, 4, 5])
        buffer.confirm(tag: 4, multiple: true)
        #expect(buffer.count == 0)
    }

    @Test("beyond its bounds, in events or bytes, the oldest go")
    func bounds() {
        var byCount = PublishBuffer<BusEvent>(maximumCount: 3, maximumBytes: 10_000)
        #expect((1...5).map { byCount.append(event($0)) } == [0, 0, 0, 1, 1])
        #expect(byCount.takeUnsent(window: 10).map(\.sequence) == [3, 4, 5])
        var byBytes = PublishBuffer<BusEvent>(maximumCount: 100, maximumBytes: 100)
        for number in 1...3 { _ = byBytes.append(event(number, bytes: 30)) }
        #expect(byBytes.append(event(4, bytes: 60)) == 2)
        #expect(byBytes.takeUnsent(window: 10).map(\.sequence) == [3, 4])
    }

    @Test("a subscription takes each event once, in order, also under two topics, and again in a new incarnation")
    func selection() {
        var selection = Selection(patterns: ["stasis.app.TTS", "stasis.node.#"])
        func next(_ sequence: UInt64, _ topic: String = "stasis.node.ast1", incarnation: String = "1") -> Bool {
            var event = event(Int(sequence))
            event.topic = topic
            event.incarnation = incarnation
            return selection.takes(event)
        }
        #expect(next(5) && next(7) && !next(7) && !next(6) && !next(5))
        #expect(next(7, "stasis.app.TTS") && !next(7, "stasis.app.TTS") && !next(8, "stasis.app.other"))
        #expect(next(1, incarnation: "2") && !next(7))
        #expect(next(0) && next(0))
    }

    @Test("attempts to connect are 0.1 s apart, then twice as long each time up to 2 s")
    func backoff() {
        var backoff = Backoff()
        #expect(
            (1...7).map { _ in backoff.next(jitter: 1) / .milliseconds(1) } == [100, 200, 400, 800, 1600, 2000, 2000]
        )
        backoff.reset()
        #expect((backoff.next(jitter: 0) / .milliseconds(1)).rounded() == 75)
    }
}
