import ARI
import Registry
import Testing

@testable import Fleet

@Suite("Where things are")
struct WhereaboutsTests {
    /// What the mirrors say, by looking through all of them.
    private func check(_ state: FleetState, _ ids: [String], _ bridges: [String]) {
        for id in ids {
            let nodes = state.mirrors.filter { $0.value.channels[id] != nil }.keys
            #expect(state.owner(ofChannel: id).map { nodes.contains($0) } ?? nodes.isEmpty, "channel \(id)")
        }
        for id in bridges {
            let nodes = Set(state.mirrors.filter { $0.value.bridges[id] != nil }.keys)
            #expect(state.whereabouts.bridges[id, default: []] == nodes, "bridge \(id)")
            #expect(state.survey(of: id).parts == nodes)
        }
        for mirror in state.mirrors.values {
            #expect(mirror.legs == Set(mirror.channels.values.filter { $0.leg != nil }.map(\.channel.id)))
            #expect(mirror.calls == mirror.channels.values.count { $0.isCall })
        }
        let counts = state.mirrors.mapValues(\.channels.count)
        #expect(state.place()?.name == Placement.choose(among: state.nodes.values, channels: counts)?.name)
    }

    @Test("finding by index is finding by looking everywhere, whatever has happened", arguments: 1...20)
    func invariants(seed: UInt64) {
        var chance = Chance(seed)
        var state = FleetState()
        let names = (1...5).map { "ast\($0)" }
        var nodes = Dictionary(uniqueKeysWithValues: names.map { ($0, NodeRecord.made($0)) })
        _ = state.update(nodes: Array(nodes.values))
        let bridges = ["room", "hall"]
        var ids: [String] = []
        for step in 0..<120 {
            let node = names[chance.below(names.count)]
            let id = "\(node)-\(chance.below(12))"
            let channel = Channel.made(chance.below(5) == 0 ? "\(node)-leg-\(step % 4)" : id)
            ids.append(channel.id)
            let bridge = Bridge.made(bridges[chance.below(2)], [channel.id])
            let run = nodes[node]?.incarnation ?? ""
            func apply(_ event: Event) { _ = state.apply(event, node: node, incarnation: run) }
            switch chance.below(9) {
            case 0, 1: apply(.made("ChannelCreated", channel: channel))
            case 2: apply(.made("ChannelDestroyed", channel: channel))
            case 3: apply(.made("ChannelEnteredBridge", channel: channel, bridge: bridge))
            case 4: apply(.made("BridgeDestroyed", bridge: bridge))
            case 5: _ = state.replace(node: node, channels: [channel], bridges: [bridge], since: .max)
            case 6:
                nodes[node]?.weight = 1 + chance.below(3)
                nodes[node]?.isDraining = chance.below(3) == 0
                _ = state.update(nodes: Array(nodes.values))
            case 7:
                nodes[node]?.incarnation = "\(step)"
                _ = state.update(nodes: Array(nodes.values))
            default:
                nodes[node]?.health = chance.below(2) == 0 ? .critical : .passing
                _ = state.update(nodes: Array(nodes.values))
            }
            check(state, ids, bridges)
        }
    }

    @Test("a node that is gone is not the place for anything")
    func gone() {
        var state = FleetState.made(["ast1": [.made("a")], "ast2": [.made("b")]])
        _ = state.update(nodes: [.made("ast2")])
        #expect(state.owner(ofChannel: "a") == nil)
        #expect(state.place()?.name == "ast2")
        #expect(state.node(named: "02:00:00:00:00:t1") == nil)
    }
}

/// Choices that a seed repeats.
private struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
