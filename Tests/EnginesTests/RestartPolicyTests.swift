import Testing

@testable import Engines

@Suite("Restarts")
struct RestartPolicyTests {
    @Test("short runs double the delay, up to the bound")
    func doubles() {
        var counter = RestartPolicy.Counter(RestartPolicy(initialDelay: .seconds(1), maximumDelay: .seconds(5)))
        let delays = (0..<5).map { _ in counter.ended(after: .milliseconds(10)) }
        #expect(delays == [1, 2, 4, 5, 5].map { .restart(after: .seconds($0)) })
    }

    @Test("a long run starts the count anew")
    func resets() {
        var counter = RestartPolicy.Counter(RestartPolicy(initialDelay: .seconds(1), stableAfter: .seconds(5)))
        _ = counter.ended(after: .zero)
        _ = counter.ended(after: .zero)
        #expect(counter.ended(after: .seconds(6)) == .restart(after: .seconds(1)))
        #expect(counter.ended(after: .zero) == .restart(after: .seconds(2)))
    }

    @Test("after so many short runs it gives up; long runs do not count")
    func givesUp() {
        var counter = RestartPolicy.Counter(RestartPolicy(giveUpAfter: 2))
        #expect(counter.ended(after: .seconds(60)) != .giveUp)
        #expect(counter.ended(after: .seconds(60)) != .giveUp)
        #expect(counter.ended(after: .zero) == .giveUp)
    }

    @Test("a thousand failures do not overflow")
    func bounded() {
        var counter = RestartPolicy.Counter(RestartPolicy(maximumDelay: .seconds(10)))
        for _ in 0..<1000 { _ = counter.ended(after: .zero) }
        #expect(counter.ended(after: .zero) == .restart(after: .seconds(10)))
    }
}
