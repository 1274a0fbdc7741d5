import Fleet
import Registry
import Testing

@Suite("Applications on several gateways")
struct ApplicationHoldersTests {
    @Test("the newest claim holds, and the older gateway knows that it lost")
    func newest() {
        let holders = ApplicationHolders(["app/g1": "100", "app/g2": "200", "other/g1": "100"])
        #expect(holders.holder(of: "app") == "g2")
        #expect(holders.lost(by: "g1", own: ["app": 100, "other": 100]) == ["app"])
        #expect(holders.lost(by: "g2", own: ["app": 200]).isEmpty)
    }

    @Test("claims of one instant are told apart by the gateway's name")
    func tie() {
        let holders = ApplicationHolders(["app/g1": "5", "app/g2": "5"])
        #expect(holders.holder(of: "app") == "g2")
        #expect(holders.lost(by: "g1", own: ["app": 5]) == ["app"])
        #expect(holders.lost(by: "g2", own: ["app": 5]).isEmpty)
    }

    @Test("a gateway whose clock is behind still makes the newer claim")
    func clocks() {
        let holders = ApplicationHolders(["app/g1": "1000"])
        #expect(holders.next(for: "app", now: 10) == 1001)
        #expect(holders.next(for: "app", now: 2000) == 2000)
        #expect(holders.next(for: "new", now: 10) == 10)
    }

    @Test("a group is led where the newest claims of all its applications are the group's")
    func groups() {
        let holders = ApplicationHolders([
            "a/g1": "5 workers", "b/g1": "6 workers", "b/g2": "5", "c/g2": "7 workers", "d/g1": "8 workers",
            "d/g2": "9", "e/g1": "1 others",
        ])
        func leader(_ applications: String...) -> String? { holders.leader(of: "workers", sharing: applications) }
        #expect(leader("a") == "g1")
        #expect(leader("a", "b") == "g1")
        #expect(leader("a", "c") == nil, "two gateways")
        #expect(leader("d") == nil, "taken over by one that wants it alone")
        #expect(leader("e") == nil, "another group")
        #expect(leader("unheld") == nil)
        #expect(holders.leaders == ["a": "g1", "b": "g1", "c": "g2", "e": "g1"])
        #expect(ApplicationHolders.Claim(gateway: "g", since: 5, group: "workers").text == "5 workers")
        #expect(ApplicationHolders.Claim(gateway: "g", since: 5).text == "5")
    }

    @Test("an application lapses when nobody has held it for long enough")
    func lapse() {
        var lapse = ApplicationLapse()
        let start = ContinuousClock.now
        func lapsed(_ held: Set<String>, after seconds: Int) -> [String] {
            lapse.lapsed(marked: ["a", "b"], held: held, now: start + .seconds(seconds), linger: .seconds(5))
        }
        let rounds = [
            lapsed(["b"], after: 0), lapsed(["b"], after: 4), lapsed(["a"], after: 5), lapsed([], after: 9),
            lapsed([], after: 11), lapsed([], after: 15),
        ]
        #expect(rounds == [[], [], [], [], ["b"], ["a", "b"]])
    }
}

@Suite("A node that the registry has lost touch with")
struct NodeDoubtTests {
    @Test("three failures in a row are a loss, one answer is life")
    func counting() {
        var doubt = NodeDoubt()
        let verdicts = [false, false, true, false, false, false, false, true].map { doubt.note(answers: $0) }
        #expect(verdicts == [nil, nil, true, nil, nil, false, false, true])
    }

    @Test("a suspect keeps its mirror until it stays silent, and comes back when it answers")
    func suspect() {
        var state = FleetState.made(["ast1": [.made("a")]])
        let lostAtOnce = state.update(nodes: [.made("ast1", health: .suspect)]).lost
        #expect(lostAtOnce.isEmpty)
        #expect(state.place()?.name == "ast1", "it may well be alive")
        let lost = state.suspect("ast1", answers: false).lost
        #expect(lost.map(\.node.name) == ["ast1"])
        #expect(state.place() == nil)
        let begun = state.suspect("ast1", answers: true).begun
        #expect(begun.map(\.name) == ["ast1"])
        #expect(state.alive == ["ast1"])
    }
}
