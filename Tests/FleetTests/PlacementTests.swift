import Fleet
import Registry
import Testing

@Suite("Which node gets new work")
struct PlacementTests {
    @Test(
        "the least loaded for its weight that takes calls",
        arguments: [
            ([NodeRecord.made("ast1"), .made("ast2")], ["ast1": 2, "ast2": 1], "ast2"),
            ([.made("ast1"), .made("ast2")], [:], "ast1"),
            ([.made("ast1", draining: true), .made("ast2")], ["ast2": 50], "ast2"),
            ([.made("ast1", health: .critical), .made("ast2")], ["ast2": 50], "ast2"),
            ([.made("ast1", weight: 4), .made("ast2")], ["ast1": 3, "ast2": 1], "ast1"),
            ([.made("ast1", health: .starting)], [:], nil),
        ] as [([NodeRecord], [String: Int], String?)]
    )
    func choice(nodes: [NodeRecord], channels: [String: Int], chosen: String?) {
        #expect(Placement.choose(among: nodes, channels: channels)?.name == chosen)
    }
}
