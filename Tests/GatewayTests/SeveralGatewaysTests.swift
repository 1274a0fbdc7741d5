import ARI
import EventBus
import Foundation
import NIOFoundationCompat
import NIOHTTP1
import NIOWebSocket
import Registry
import Testing

@testable import Gateway

@Suite("Several gateways", .timeLimit(.minutes(3)))
struct SeveralGatewaysTests {
    /// Two nodes, each with a caller in `app`, and two gateways over one registry and bus.
    static func withGateways(
        _ body: @Sendable (SimulatedFleet, EmbeddedRegistry, [RunningGateway]) async throws -> Void
    ) async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        for name in ["ast1", "ast2"] { try await registry.register(fleet.add(name)) }
        var gateways: [RunningGateway] = []
        for number in 1...2 { gateways.append(try await RunningGateway(number, registry: registry, bus: bus)) }
        fleet.call("a", on: "ast1", application: "app")
        fleet.call("b", on: "ast2", application: "app")
        do {
            for gateway in gateways { try await gateway.hasHeard(of: ["a", "b"]) }
            try await body(fleet, registry, gateways)
        } catch {
            for gateway in gateways { await gateway.stop() }
            throw error
        }
        for gateway in gateways { await gateway.stop() }
        await fleet.stop()
    }

    /// Waits until a gateway has heard all that was said before: how legs and bridges stand, and what variables calls have.
    static func fence(_ fleet: SimulatedFleet, _ gateway: RunningGateway, _ name: String = "last") async throws {
        fleet.call("fence-\(name)", on: "ast1", application: "app")
        try await gateway.hasHeard(of: ["fence-\(name)"])
    }

    static func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("not within 10 s: \(what)")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test("racing for one bridge they make one home and one leg, and one end")
    func race() async throws {
        try await Self.withGateways { fleet, registry, gateways in
            try await withThrowingTaskGroup { group in
                for gateway in gateways {
                    group.addTask { _ = try await gateway.ari.bridges.createWithID("room", type: "mixing") }
                }
                try await group.waitForAll()
            }
            try await withThrowingTaskGroup { group in
                for (gateway, channel) in zip(gateways, ["a", "b"]) {
                    group.addTask { try await gateway.ari.bridges.addChannel("room", channel: [channel]) }
                }
                try await group.waitForAll()
            }
            #expect(fleet.legEnds.count == 2, "one leg has two ends: \(fleet.legEnds)")
            for gateway in gateways {
                try await Self.eventually("both see both members") {
                    try await Set(gateway.ari.bridges.get("room").channels) == ["a", "b"]
                }
                try await Self.eventually("both see one leg") {
                    try await gateway.bridges().first?["legs"]?.array?.count == 1
                }
            }
            await withTaskGroup { group in
                for gateway in gateways { group.addTask { try? await gateway.ari.bridges.destroy("room") } }
            }
            try await Self.eventually("no part, no leg, no record") {
                let record = await registry.entry(RegistryKey.bridge("room"))
                return fleet.legEnds.isEmpty && record == nil
                    && ["ast1", "ast2"].allSatisfy { fleet.node($0).bridges.isEmpty }
            }
        }
    }

    @Test("when the conductor stops the other goes on with the star as it is")
    func takeover() async throws {
        try await Self.withGateways { fleet, registry, gateways in
            let conductor = try #require(await registry.entry(RegistryKey.conductor)?.text)
            let first = try #require(gateways.first { $0.name == conductor })
            let second = try #require(gateways.first { $0.name != conductor })
            _ = try await second.ari.bridges.createWithID("room", type: "mixing")
            for channel in ["a", "b"] { try await second.ari.bridges.addChannel("room", channel: [channel]) }
            let legs = fleet.legEnds
            #expect(legs.count == 2)
            try await Self.fence(fleet, second)
            await first.stop()
            try await Self.eventually("the other conducts") {
                await registry.entry(RegistryKey.conductor)?.text == second.name
            }
            #expect(try await Set(second.ari.bridges.get("room").channels) == ["a", "b"])
            // Two rounds of upkeep, which would hang up a leg that is taken for wrong.
            try await Task.sleep(for: .seconds(4))
            #expect(fleet.legEnds == legs, "the leg that was right is kept")
            fleet.call("c", on: "ast2", application: "app")
            try await second.hasHeard(of: ["c"])
            try await second.ari.bridges.addChannel("room", channel: ["c"])
            #expect(fleet.legEnds == legs)
            try await second.ari.bridges.destroy("room")
            #expect(fleet.legEnds.isEmpty)
        }
    }

    @Test("a lost record does not end a bridge in use; an end that was begun is finished by whoever conducts")
    func records() async throws {
        try await Self.withGateways { fleet, registry, gateways in
            _ = try await gateways[0].ari.bridges.createWithID("room", type: "mixing")
            for channel in ["a", "b"] { try await gateways[1].ari.bridges.addChannel("room", channel: [channel]) }
            let legs = fleet.legEnds
            let record = try #require(await registry.entry(RegistryKey.bridge("room")))
            try await registry.remove(RegistryKey.bridge("room"))
            try await Self.eventually("recorded again") { await registry.entry(RegistryKey.bridge("room")) != nil }
            #expect(fleet.legEnds == legs)
            let ending = record.text.replacingOccurrences(of: "{", with: "{\"ending\":true,")
            try await registry.set(Array(ending.utf8), for: RegistryKey.bridge("room"))
            try await Self.eventually("all of it is gone") {
                let isRecorded = await registry.entry(RegistryKey.bridge("room")) != nil
                return !isRecorded && fleet.legEnds.isEmpty && fleet.node("ast1").bridges.isEmpty
                    && fleet.node("ast2").bridges.isEmpty
            }
        }
    }

    @Test("a socket on another gateway takes an application over")
    func application() async throws {
        try await Self.withGateways { fleet, registry, gateways in
            let old = try await gateways[0].ari.events.eventWebsocket(app: ["app"])
            _ = old
            try await Self.eventually("held by the first") {
                await registry.entries(under: RegistryKey.holders).keys.sorted() == ["holders/app/gateway-1"]
            }
            let new = try await gateways[1].ari.events.eventWebsocket(app: ["app"])
            _ = new
            try await Self.eventually("held by the second only") {
                await registry.entries(under: RegistryKey.holders).keys.sorted() == ["holders/app/gateway-2"]
            }
            #expect(await registry.entry(RegistryKey.application("app"))?.text == "app")
        }
    }

    @Test("what an application does not want to hear is not told to it at another gateway either")
    func filter() async throws {
        try await Self.withGateways { fleet, _, gateways in
            fleet.register("app", on: "ast1")
            let socket = try await gateways[1].ari.openSocket(["events"], query: [("app", "app")])
            try await gateways[0].ari.request(
                .PUT,
                ["applications", "app", "eventFilter"],
                body: ["disallowed": [["type": "ChannelDtmfReceived"]]]
            )
            try await Self.eventually("known to the other") {
                let application = try await gateways[1].ari.request(JSONValue.self, .GET, ["applications", "app"])
                return application["events_disallowed"] == [["type": "ChannelDtmfReceived"]]
            }
            fleet.tell("ChannelDtmfReceived", of: "a", on: "ast1", to: "app")
            // Nothing of the kind that tells how things stand, which may come before.
            fleet.tell("ChannelHold", of: "a", on: "ast1", to: "app")
            var heard: [String] = []
            _ = try await socket.run { message, writer in
                guard case .text(let text) = message else { return }
                heard.append(try JSONDecoder().decode(Event.self, from: text).type)
                if heard.last == "ChannelHold" { try await writer.close(code: .normalClosure) }
            }
            #expect(heard.contains("ChannelHold"))
            #expect(!heard.contains("ChannelDtmfReceived"))
        }
    }

    @Test("an application registered for the bus stays without a socket until it is unregistered")
    func bus() async throws {
        try await Self.withGateways { _, registry, gateways in
            try await gateways[0].ari.request(.POST, ["amqp", "recorder"])
            #expect(await registry.entry(RegistryKey.application("recorder"))?.text == "recorder")
            #expect(await registry.entry(RegistryKey.socketApplication("recorder")) == nil)
            try await gateways[1].ari.request(.DELETE, ["amqp", "recorder"])
            #expect(await registry.entry(RegistryKey.application("recorder")) == nil)
            await #expect(throws: ARIError.self) { try await gateways[0].ari.request(.POST, ["amqp", "asterism"]) }
        }
    }
}
