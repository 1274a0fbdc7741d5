import Testing

@testable import Access

@Suite("The bound of failed logins")
struct LoginThrottleTests {
    private let start = ContinuousClock.now

    private func throttle(burst: Int = 3, addresses: Int = 100) -> LoginThrottle {
        var bounds = LoginThrottle.Bounds()
        bounds.burst = burst
        bounds.interval = .seconds(10)
        bounds.addresses = addresses
        return LoginThrottle(bounds)
    }

    @Test("a burst is borne, then an address waits, and gets one attempt per interval")
    func burst() {
        var throttle = throttle()
        for _ in 0..<3 {
            #expect(throttle.delay(for: "192.0.2.1", at: start) == nil)
            throttle.failed("192.0.2.1", at: start)
        }
        #expect(throttle.delay(for: "192.0.2.1", at: start) == .seconds(10))
        #expect(throttle.delay(for: "192.0.2.1", at: start + .seconds(4)) == .seconds(6))
        #expect(throttle.delay(for: "192.0.2.1", at: start + .seconds(10)) == nil)
        throttle.failed("192.0.2.1", at: start + .seconds(10))
        #expect(throttle.delay(for: "192.0.2.1", at: start + .seconds(10)) == .seconds(10))
        #expect(throttle.delay(for: "192.0.2.1", at: start + .seconds(40)) == nil)
    }

    @Test("the failures of one address delay no other")
    func others() {
        var throttle = throttle()
        for _ in 0..<10 { throttle.failed("192.0.2.1", at: start) }
        #expect(throttle.delay(for: "192.0.2.2", at: start) == nil)
    }

    @Test("however many failures come at once, they are forgiven in one burst's time")
    func flood() {
        var throttle = throttle()
        for _ in 0..<1000 { throttle.failed("192.0.2.1", at: start) }
        #expect(throttle.delay(for: "192.0.2.1", at: start) == .seconds(10))
        #expect(throttle.delay(for: "192.0.2.1", at: start + .seconds(30)) == nil)
    }

    @Test(
        "what is counted together",
        arguments: [
            ("192.0.2.1", "192.0.2.2", false), ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false), ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("", "", true),
        ]
    )
    func sources(_ one: String, _ other: String, isSame: Bool) {
        #expect((LoginThrottle.source(one) == LoginThrottle.source(other)) == isSame)
    }

    @Test("the table has a bound, and keeps who failed last")
    func bounded() {
        var entries = RecentEntries<Int>(atMost: 100)
        for number in 0..<10_000 {
            entries["\(number)"] = number
            #expect(entries.count <= 100)
        }
        #expect(entries["9999"] == 9999 && entries["9960"] == 9960 && entries["0"] == nil)
        entries["9999"] = nil
        #expect(entries["9999"] == nil)
    }
}
