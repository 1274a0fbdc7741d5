import ARI
import Registry
import Testing

@testable import Gateway

@Suite("A holding bridge on two nodes", .timeLimit(.minutes(3)))
struct HoldingBridgeTests {
    /// The role of each end of a leg, the far end's first.
    private static func roles(_ fleet: SimulatedFleet) -> [String?] {
        [("ast1", true), ("ast2", false)].map { node, isFar in
            let end = fleet.legEnds.first { $0.hasSuffix("-far") == isFar }
            return end.flatMap { fleet.node(node).options[$0]?["role"] }
        }
    }

    private static func fill(_ ari: ARIClient, type: String = "holding") async throws {
        _ = try await ari.bridges.createWithID("room", type: type)
        for channel in ["a", "b"] { try await ari.bridges.addChannel("room", channel: [channel]) }
    }

    @Test("a leg carries what is played, for as long as it is")
    func playback() async throws {
        try await SeveralGatewaysTests.withGateways { fleet, _, gateways in
            let ari = gateways[0].ari
            try await Self.fill(ari)
            #expect(fleet.legEnds.isEmpty)
            let playback = try await ari.bridges.play("room", media: ["sound:beep"])
            #expect(fleet.legEnds.count == 2)
            #expect(Self.roles(fleet) == [nil, "announcer"])
            fleet.finish(playback.id, in: "room", on: "ast1")
            try await SeveralGatewaysTests.eventually("no leg") { fleet.legEnds.isEmpty }
        }
    }

    @Test("the legs of music outlive the gateway that made them, and end with the music")
    func takeover() async throws {
        try await SeveralGatewaysTests.withGateways { fleet, registry, gateways in
            let conductor = try #require(await registry.entry(RegistryKey.conductor)?.text)
            let first = try #require(gateways.first { $0.name == conductor })
            let second = try #require(gateways.first { $0.name != conductor })
            try await Self.fill(first.ari)
            try await first.ari.bridges.startMoh("room", mohClass: "jazz")
            let legs = fleet.legEnds
            #expect(legs.count == 2)
            try await SeveralGatewaysTests.fence(fleet, second)
            await first.stop()
            try await SeveralGatewaysTests.eventually("the other conducts") {
                await registry.entry(RegistryKey.conductor)?.text == second.name
            }
            fleet.call("c", on: "ast2", application: "app")
            try await second.hasHeard(of: ["c"])
            try await second.ari.bridges.addChannel("room", channel: ["c"])
            #expect(fleet.legEnds == legs)
            try await second.ari.bridges.stopMoh("room")
            #expect(fleet.legEnds.isEmpty)
        }
    }

    @Test(
        "music goes on at the next home when the home is lost, unless it had ended",
        arguments: [("holding", false), ("mixing", false), ("mixing", true)]
    )
    func lostHome(type: String, hasEnded: Bool) async throws {
        try await SeveralGatewaysTests.withGateways { fleet, registry, gateways in
            let ari = gateways[0].ari
            try await Self.fill(ari, type: type)
            try await ari.bridges.startMoh("room", mohClass: "jazz")
            if hasEnded { try await ari.bridges.stopMoh("room") }
            await registry.deregister(node: "ast1")
            let music = hasEnded ? [:] : ["room": "jazz"]
            try await SeveralGatewaysTests.eventually("the other node is the home, and has no leg to the lost one") {
                let home = try await gateways[0].bridges().first?["home"]?.string
                return home == "ast2" && fleet.node("ast2").channels.keys.sorted() == ["b"]
            }
            try await SeveralGatewaysTests.eventually("music \(music)") { fleet.node("ast2").music == music }
        }
    }

    @Test("a leg that a node puts out of its part is tried again now and then, and not at once")
    func putOut() async throws {
        try await SeveralGatewaysTests.withGateways { fleet, _, gateways in
            let ari = gateways[0].ari
            try await Self.fill(ari)
            fleet.play("jazz", in: "room", on: "ast1")
            fleet.call("c", on: "ast2", application: "app")
            for gateway in gateways { try await gateway.hasHeard(of: ["c"]) }
            try await ari.bridges.addChannel("room", channel: ["c"], role: "announcer")
            try await SeveralGatewaysTests.eventually("three tries") { fleet.dials.count > 2 }
            // At once there would be hundreds in the time that the upkeep takes for its turn.
            #expect(fleet.dials.count < 10)
            try await SeveralGatewaysTests.eventually("two ends") { fleet.legEnds.count == 2 }
        }
    }

    @Test("all hear the announcer, on whichever node it is, until it goes")
    func announcer() async throws {
        try await SeveralGatewaysTests.withGateways { fleet, _, gateways in
            let ari = gateways[0].ari
            try await Self.fill(ari)
            fleet.call("c", on: "ast2", application: "app")
            for gateway in gateways { try await gateway.hasHeard(of: ["c"]) }
            try await ari.bridges.addChannel("room", channel: ["c"], role: "announcer")
            #expect(Self.roles(fleet) == ["announcer", nil])
            fleet.end("c", on: "ast2")
            try await SeveralGatewaysTests.eventually("no leg") { fleet.legEnds.isEmpty }
        }
    }
}
