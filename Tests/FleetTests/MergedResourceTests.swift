import ARI
import Fleet
import Testing

@Suite("What several nodes know under one name")
struct MergedResourceTests {
    @Test("an endpoint is online if it is at any node, has the channels of all, and trunks are hidden")
    func endpoints() {
        let answers: [JSONValue] = [
            [
                endpoint("PJSIP", "alice", "offline", ["ast1-1"]),
                endpoint("PJSIP", "node-ast2", "online", ["ast1-leg-x"]),
            ],
            [
                endpoint("PJSIP", "alice", "online", ["ast2-leg-y", "ast2-1"]),
                endpoint("PJSIP", "trunk", "online", []),
                endpoint("Local", "trunk", "unknown", []),
            ],
        ]
        #expect(
            MergedResource.endpoints.merge(answers) == [
                endpoint("PJSIP", "alice", "online", ["ast1-1", "ast2-1"]), endpoint("Local", "trunk", "unknown", []),
            ]
        )
        #expect(MergedResource.endpoints.merge([endpoint("PJSIP", "trunk", "online", [])]) == nil)
    }

    private func endpoint(_ technology: String, _ resource: String, _ state: String, _ channels: [String]) -> JSONValue
    {
        [
            "technology": .string(technology), "resource": .string(resource), "state": .string(state),
            "channel_ids": .array(channels.map { .string($0) }),
        ]
    }

    @Test("of device states the busiest is shown, as a list or alone")
    func deviceStates() {
        let (idle, busy): (JSONValue, JSONValue) = (
            ["name": "Stasis:a", "state": "NOT_INUSE"], ["name": "Stasis:a", "state": "INUSE"]
        )
        #expect(MergedResource.deviceStates.merge([[idle], [busy], []]) == [busy])
        #expect(MergedResource.deviceStates.merge([busy, idle]) == busy)
    }

    @Test("recordings of one name and two formats are two; lists that are empty stay lists")
    func recordings() {
        let (wav, gsm): (JSONValue, JSONValue) = (["name": "a", "format": "wav"], ["name": "a", "format": "gsm"])
        #expect(MergedResource.storedRecordings.merge([[wav], [gsm, wav]]) == [wav, gsm])
        #expect(MergedResource.storedRecordings.merge([[], []]) == [])
    }
}

@Suite("Device states of several nodes")
struct DeviceStatesTests {
    @Test("only a change of the busiest is news")
    func news() {
        var states = DeviceStates()
        #expect(states.note("d", "INUSE", on: "ast1") == "INUSE")
        #expect(states.note("d", "INUSE", on: "ast2") == nil)
        #expect(states.note("d", "NOT_INUSE", on: "ast1") == nil)
        #expect(states.note("d", "NOT_INUSE", on: "ast2") == "NOT_INUSE")
        #expect(states.note("other", "BUSY", on: "ast2") == "BUSY")
        // An application that was not subscribed meanwhile is told again, once.
        #expect(states.note("other", "BUSY", on: "ast1") == nil)
        #expect(states.note("other", "BUSY", on: "ast2") == "BUSY")
    }

    @Test("a node that is gone knows nothing any more")
    func forgotten() {
        var states = DeviceStates()
        _ = states.note("d", "INUSE", on: "ast1")
        states.forget(node: "ast1")
        #expect(states.note("d", "NOT_INUSE", on: "ast2") == "NOT_INUSE")
    }
}
