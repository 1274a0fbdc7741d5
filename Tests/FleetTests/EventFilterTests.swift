import ARI
import Fleet
import Testing

@Suite("Which events an application hears")
struct EventFilterTests {
    @Test(
        "what is disallowed wins; what is allowed excludes the rest",
        arguments: [
            ([:], ["A", "B"]), (["allowed": [["type": "A"]]], ["A"]), (["disallowed": [["type": "A"]]], ["B"]),
            (["allowed": [["type": "A"]], "disallowed": [["type": "A"]]], []),
        ] as [(JSONValue, [String])]
    )
    func admits(body: JSONValue, heard: [String]) throws {
        let filter = try #require(EventFilter().changed(by: body))
        #expect(["A", "B"].filter(filter.admits) == heard)
    }

    @Test("a list that is missing stays, an empty body clears both")
    func changes() throws {
        let first = try #require(EventFilter().changed(by: ["allowed": [["type": "A"]]]))
        let second = try #require(first.changed(by: ["disallowed": [["type": "B"]]]))
        #expect((second.allowed, second.disallowed) == (["A"], ["B"]))
        #expect(second.changed(by: [:]) == EventFilter())
    }

    @Test(
        "what is no filter is refused",
        arguments: ["x", ["allowed": 1], ["allowed": ["A"]], ["disallowed": [["name": "A"]]]] as [JSONValue]
    )
    func refused(body: JSONValue) { #expect(EventFilter().changed(by: body) == nil) }

    @Test("an application shows its filter")
    func shown() throws {
        let filter = try #require(EventFilter().changed(by: ["allowed": [["type": "A"]]]))
        #expect(
            filter.shown(in: ["name": "a"])
                == ["name": "a", "events_allowed": [["type": "A"]], "events_disallowed": []]
        )
    }
}
