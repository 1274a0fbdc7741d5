import ARI
import Fleet
import Testing

@Suite("Which bridges name a channel")
struct FleetBridgesTests {
    private static let ids = (0..<5).map { "room\($0)" }
    private static let channels = (0..<8).map { "c\($0)" }

    /// What the index is for, found by looking at every bridge.
    private static func naming(_ channel: String, _ bridges: FleetBridges) -> Set<String> {
        Set(
            bridges.values.filter { bridge in
                bridge.joining[channel] != nil
                    || bridge.legs.contains { $0.nearChannel == channel || $0.farChannel == channel }
            }.map(\.id)
        )
    }

    @Test("the index says what a look at every bridge would, after any change", arguments: 0..<50)
    func index(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var bridges = FleetBridges()
        var near: Set<String> = []
        for number in 0..<60 {
            let id = Self.ids.randomElement(using: &random) ?? ""
            let channel = Self.channels.randomElement(using: &random) ?? ""
            let leg = Leg(id: LegID(word: "\(number % 7)"), node: "ast1", home: "ast2", farChannel: channel)
            near.insert(leg.nearChannel)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bridges[id] = nil
            case 1, 2: bridges[id] = FleetBridge(record: .init(id: id, name: "", type: "mixing", creationtime: ""))
            case 3: bridges[id]?.joining[channel] = "ast1"
            case 4: bridges[id]?.joining[channel] = nil
            case 5, 6: bridges[id]?.legs.append(leg)
            default: bridges[id]?.legs.removeAll { $0.farChannel == channel }
            }
            for each in Self.channels + near.sorted() {
                #expect(bridges.naming(each) == Self.naming(each, bridges), "seed \(seed), step \(number): \(each)")
            }
        }
    }

    @Test("the end of a channel is noticed by the bridges that name it, and by no other")
    func end() {
        var state = FleetState.made(["ast1": [.made("c"), .made("d")]])
        for id in ["one", "two"] {
            state.bridges[id] = FleetBridge(record: .init(id: id, name: "", type: "mixing", creationtime: ""))
            state.bridges[id]?.joining = [id == "one" ? "c" : "d": "ast1"]
        }
        let ended = Event.made("ChannelDestroyed", channel: .made("c"))
        #expect(state.bridges.naming("c") == ["one"])
        _ = state.apply(ended, node: "ast1", incarnation: "1")
        #expect(state.bridges["one"]?.joining == [:])
        #expect(state.bridges["two"]?.joining == ["d": "ast1"])
        #expect(state.bridges.naming("c") == [])
    }
}
