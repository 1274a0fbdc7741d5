import ARI
import Fleet
import Testing

@Suite("What an application that comes back is told")
struct StandingTests {
    private static var state: FleetState {
        var state = FleetState.made(["ast1": [.made("a"), .made("b")], "ast2": [.made("c"), .made("ast2-leg-x")]])
        for (channel, application, node) in [
            ("a", "mine", "ast1"), ("b", "other", "ast1"), ("c", "mine", "ast2"), ("ast2-leg-x", "mine", "ast2"),
        ] {
            _ = state.apply(
                .made("StasisStart", to: application, channel: .made(channel)),
                node: node,
                incarnation: "1"
            )
        }
        return state
    }

    @Test("each live call of its own, on any node, and no leg", arguments: Standing.allCases)
    func calls(standing: Standing) {
        let events = standing.events(of: ["mine"], in: Self.state, timestamp: "now") { _ in "channel" }
        #expect(events.count == (standing == .none ? 0 : 2))
        #expect(events.allSatisfy { $0.application == "mine" && $0.event["type"]?.string == standing.rawValue })
    }
}
