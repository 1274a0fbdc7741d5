import ARI
import Fleet
import Testing

@Suite("The applications of all nodes as one")
struct MergedApplicationsTests {
    @Test("each once, with what it has on any node; legs and the agents' own application are left out")
    func merged() {
        let listed: [JSONValue] = [
            ["name": "b", "channel_ids": ["ast1-1"], "bridge_ids": ["room"], "endpoint_ids": []],
            ["name": "asterism", "channel_ids": ["ast1-1"]],
            ["name": "a", "channel_ids": [], "bridge_ids": []],
            [
                "name": "b", "channel_ids": ["ast2-1", "ast2-leg-room-ast1"], "bridge_ids": ["room"],
                "endpoint_ids": [],
            ],
        ]
        #expect(
            MergedApplications(listed).all == [
                ["name": "a", "channel_ids": [], "bridge_ids": []],
                ["name": "b", "channel_ids": ["ast1-1", "ast2-1"], "bridge_ids": ["room"], "endpoint_ids": []],
            ]
        )
    }

    @Test("what is not an application is left out", arguments: [.null, [], ["id": "x"]] as [JSONValue])
    func foreign(value: JSONValue) { #expect(MergedApplications([value]).all.isEmpty) }
}
