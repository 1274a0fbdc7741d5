import ARI
import EventBus
import Fleet
import NIOHTTP1
import Registry
import Testing

@testable import Gateway

@Suite("A call that moves because its phone calls again", .timeLimit(.minutes(3)))
struct ReferredCallTests {
    /// A muted caller in a bridge on ast1, whose phone refuses `Replaces`.
    private static func withCall(
        follows: Bool,
        _ body: (SimulatedFleet, RunningGateway) async throws -> Void
    ) async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus, followsReferrals: follows)
        for name in ["ast1", "ast2"] { try await registry.register(fleet.add(name)) }
        let gateway = try await RunningGateway(1, registry: registry, bus: bus) {
            // A phone that does not call is waited for in vain.
            if !follows { $0.referralPatience = .seconds(1) }
        }
        do {
            fleet.call("edge-1", on: "ast1", application: "app,one")
            try await gateway.hasHeard(of: ["edge-1"])
            _ = try await gateway.ari.bridges.createWithID("room", type: "mixing")
            try await gateway.ari.bridges.addChannel("room", channel: ["edge-1"], mute: true)
            try await body(fleet, gateway)
        } catch {
            await gateway.stop()
            throw error
        }
        await gateway.stop()
        await fleet.stop()
    }

    @Test("it is in the application and in the bridge on the other node, and nothing is left of it on the former")
    func follows() async throws {
        try await Self.withCall(follows: true) { fleet, gateway in
            let moved = try await gateway.move("edge-1", to: "ast2")
            #expect((moved.replaces, moved.node, moved.bridge) == ("edge-1", "ast2", "room"))
            #expect(fleet.node("ast2").bridges["room"]?.contains(moved.channel) == true)
            #expect(fleet.node("ast2").variables[moved.channel]?[CallMove.stasisVariable] == "app,one")
            #expect(fleet.node("ast2").variables[moved.channel]?["TIMEOUT(absolute)"] == "0")
            #expect(fleet.node("ast1").channels["edge-1"] == nil)
            let number = try #require(fleet.node("ast1").referrals.first)
            #expect(fleet.node("ast1").referrals.count == 1)
            fleet.dial(number)
            try await fleet.turnedAway("ast2", but: [moved.channel])
        }
    }

    @Test("what was set on it, and how it was treated, is the same there, also when it moves once more")
    func state() async throws {
        try await Self.withCall(follows: true) { fleet, gateway in
            let channels = gateway.ari.channels
            try await channels.setChannelVar("edge-1", variable: "CUSTOMER", value: "7")
            try await channels.mute("edge-1", direction: .both)
            try await channels.unmute("edge-1", direction: .out)
            var channel = "edge-1"
            for node in ["ast2", "ast1"] {
                try await SeveralGatewaysTests.fence(fleet, gateway, node)
                channel = try await gateway.move(channel, to: node).channel
                let there = fleet.node(node)
                #expect(there.variables[channel]?["CUSTOMER"] == "7")
                #expect(there.treated[channel] == ["POST mute in"])
                #expect(there.options[channel]?["mute"] == "true")
            }
        }
    }

    @Test("how another gateway put it into its bridge holds there too, until it leaves", arguments: [true, false])
    func bridging(hasLeft: Bool) async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus, followsReferrals: true)
        for name in ["ast1", "ast2"] { try await registry.register(fleet.add(name)) }
        let first = try await RunningGateway(1, registry: registry, bus: bus)
        fleet.call("edge-1", on: "ast1", application: "app")
        try await first.hasHeard(of: ["edge-1"])
        try await first.ari.bridges.createWithID("room", type: "mixing")
        try await first.ari.bridges.addChannel("room", channel: ["edge-1"], mute: true)
        await first.stop()
        func next(_ number: Int) async throws -> RunningGateway {
            let gateway = try await RunningGateway(number, registry: registry, bus: bus)
            try await SeveralGatewaysTests.eventually("it knows who is in the bridge") {
                try await gateway.ari.bridges.get("room").channels == ["edge-1"]
            }
            return gateway
        }
        var last = try await next(2)
        if hasLeft {
            try await last.ari.bridges.removeChannel("room", channel: ["edge-1"])
            try await last.ari.bridges.addChannel("room", channel: ["edge-1"])
            await last.stop()
            last = try await next(3)
        }
        let moved = try await last.move("edge-1", to: "ast2").channel
        #expect(fleet.node("ast2").bridges["room"]?.contains(moved) == true)
        #expect(fleet.node("ast2").options[moved]?["mute"] == (hasLeft ? nil : "true"))
        let noted = fleet.node("ast2").variables[moved]?[BridgingNote.variable] ?? ""
        #expect(BridgingNote.options(in: noted, for: "room") == (hasLeft ? [:] : ["mute": "true"]))
        await last.stop()
        await fleet.stop()
    }

    @Test("it is held, and hears music of its class or silence, as it was")
    func treatments() async throws {
        try await Self.withCall(follows: true) { fleet, gateway in
            let channels = gateway.ari.channels
            try await channels.hold("edge-1")
            try await channels.startMoh("edge-1", mohClass: "calm")
            try await SeveralGatewaysTests.fence(fleet, gateway, "first")
            let first = try await gateway.move("edge-1", to: "ast2").channel
            #expect(fleet.node("ast2").treated[first] == ["POST hold", "POST moh calm"])
            try await channels.unhold(first)
            try await channels.stopMoh(first)
            try await channels.startSilence(first)
            try await SeveralGatewaysTests.fence(fleet, gateway, "second")
            let second = try await gateway.move(first, to: "ast1").channel
            #expect(fleet.node("ast1").treated[second] == ["POST silence"])
        }
    }

    @Test("of variables it takes along what one request to a node can carry, in the order of their names")
    func manyVariables() async throws {
        try await Self.withCall(follows: true) { fleet, gateway in
            for letter in "ABCDEFGHIJ" {
                let value = String(repeating: "\(letter)", count: 3000)
                try await gateway.ari.channels.setChannelVar("edge-1", variable: "LONG_\(letter)", value: value)
            }
            try await SeveralGatewaysTests.fence(fleet, gateway, "variables")
            let moved = try await gateway.move("edge-1", to: "ast2").channel
            let carried = fleet.node("ast2").variables[moved, default: [:]].keys.filter { $0.hasPrefix("LONG_") }
            #expect(carried.sorted().map { $0.suffix(1) }.joined() == "ABCDEFGH")
        }
    }

    @Test("one that refuses that too has its call where it was, and as it was; its address is good for nothing")
    func refuses() async throws {
        try await Self.withCall(follows: false) { fleet, gateway in
            await #expect {
                _ = try await gateway.move("edge-1", to: "ast2")
            } throws: { error in
                (error as? ARIError)?.status == 409 && "\(error)".contains("RFC 3515")
            }
            let node = fleet.node("ast1")
            #expect(node.bridges["room"] == ["edge-1"])
            #expect(node.options["edge-1"]?["mute"] == "true")
            #expect(node.variables["edge-1"]?[Referral.variable] == "")
            #expect(try await gateway.ari.bridges.get("room").channels == ["edge-1"])
            let number = try #require(node.referrals.first)
            fleet.dial(number)
            try await fleet.turnedAway("ast2", but: [])
        }
    }

    @Test("nobody comes in who makes an address up")
    func stranger() async throws {
        try await Self.withCall(follows: false) { fleet, _ in
            fleet.dial("move-00000000000000000000000000000000-ast2")
            try await fleet.turnedAway("ast2", but: [])
        }
    }
}

extension RunningGateway {
    fileprivate func move(_ channel: String, to node: String) async throws -> MoveReport {
        try await operators.request(
            MoveReport.self,
            .POST,
            ["channels", channel, "move"],
            query: [("node", node)]
        )
    }
}

extension SimulatedFleet {
    /// Waits until a node has no other channels than these; ends of legs come and go.
    fileprivate func turnedAway(_ node: String, but others: Set<String>) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while Set(self.node(node).channels.keys.filter { !$0.contains("leg-") }) != others {
            guard ContinuousClock.now < deadline else {
                Issue.record("not turned away: \(self.node(node).channels.keys)")
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
