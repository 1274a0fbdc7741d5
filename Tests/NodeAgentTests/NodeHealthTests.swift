import Registry
import Testing

@testable import NodeAgent

@Suite("The health of a node")
struct NodeHealthTests {
    private let start = ContinuousClock.now

    private func health(after inputs: [NodeHealth.Input]) -> NodeHealth {
        var health = NodeHealth()
        for input in inputs { _ = health.apply(input, at: start) }
        return health
    }

    @Test(
        "the verdict",
        arguments: [
            ([], .starting),
            ([.processStarted, .probeSucceeded], .starting),
            ([.processStarted, .observerUp], .starting),
            ([.processStarted, .probeFailed, .probeFailed, .probeFailed], .starting),
            ([.processStarted, .observerUp, .probeSucceeded], .passing),
            ([.processStarted, .probeFailed, .probeFailed, .observerUp, .probeSucceeded], .passing),
            ([.processStarted, .observerUp, .probeSucceeded, .probeFailed], .passing),
            ([.processStarted, .observerUp, .probeSucceeded, .probeFailed, .probeFailed], .critical),
            ([.processStarted, .observerUp, .probeSucceeded, .observerDown], .critical),
            ([.processStarted, .observerUp, .probeSucceeded, .observerDown, .observerUp], .passing),
            ([.processStarted, .observerUp, .probeSucceeded, .processExited], .critical),
            ([.processStarted, .observerUp, .probeSucceeded, .processExited, .observerDown, .probeFailed], .critical),
            ([.processStarted, .observerUp, .probeSucceeded, .processExited, .processStarted], .starting),
        ] as [([NodeHealth.Input], NodeRecord.Health)]
    )
    func verdict(inputs: [NodeHealth.Input], expected: NodeRecord.Health) {
        #expect(health(after: inputs).health == expected)
    }

    @Test("a hung Asterisk is killed once the bound has passed, and not at every probe")
    func hangs() {
        var health = health(after: [.processStarted, .observerUp, .probeSucceeded, .observerDown])
        #expect(health.apply(.probeFailed, at: start + .seconds(14)) == nil)
        #expect(health.apply(.probeFailed, at: start + .seconds(15)) == .kill)
        #expect(health.apply(.probeFailed, at: start + .seconds(16)) == nil)
        #expect(health.apply(.processExited, at: start + .seconds(17)) == nil)
        #expect(health.apply(.probeFailed, at: start + .seconds(60)) == nil)
    }

    @Test("one that never comes up is killed too")
    func neverUp() {
        var health = health(after: [.processStarted])
        #expect(health.apply(.probeFailed, at: start + .seconds(15)) == .kill)
    }

    @Test("a recovery starts the bound anew")
    func recovers() {
        var health = health(after: [.processStarted, .observerUp, .probeSucceeded, .observerDown, .observerUp])
        #expect(health.apply(.observerDown, at: start + .seconds(20)) == nil)
        #expect(health.apply(.probeFailed, at: start + .seconds(34)) == nil)
        #expect(health.apply(.probeFailed, at: start + .seconds(35)) == .kill)
    }
}
