import ARI
import EventBus
import Registry
import Testing

@testable import Gateway

@Suite("A call that moves to another node", .timeLimit(.minutes(3)))
struct MovedCallTests {
    @Test("the application hears that the old channel goes when the new one has entered, though it happens before")
    func order() async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        for name in ["ast1", "ast2"] { try await registry.register(fleet.add(name)) }
        let gateway = try await RunningGateway(1, registry: registry, bus: bus)
        let heard = await withThrowingTaskGroup(of: Void.self) { group in
            let (feed, continuation) = AsyncStream.makeStream(of: EventFeed.self)
            group.addTask { try await gateway.ari.followEvents(of: ["app"]) { continuation.yield($0) } }
            defer { group.cancelAll() }
            return await Self.heard(in: feed, of: fleet)
        }
        #expect(
            heard == [
                "StasisStart old", "ChannelDtmfReceived old", "StasisStart new for old", "ChannelHangupRequest old",
                "StasisEnd old",
            ]
        )
        await gateway.stop()
        await fleet.stop()
    }

    /// The old channel goes, told by its node, before the other node tells that the new one has entered.
    private static func heard(in feed: AsyncStream<EventFeed>, of fleet: SimulatedFleet) async -> [String] {
        var heard: [String] = []
        for await each in feed {
            switch each {
            case .connected: fleet.call("old", on: "ast1", application: "app")
            case .disconnected: return heard
            case .event(let event):
                heard.append("\(event.type) \(event.channel?.id ?? "")")
                if let former = event.replacedChannel { heard[heard.count - 1] += " for \(former.id)" }
                guard event.type != "StasisEnd" else { return heard }
                guard heard == ["StasisStart old"] else { continue }
                fleet.tell("ChannelStateChange", of: "new", replacing: "old", on: "ast2", to: "asterism")
                for type in ["ChannelDtmfReceived", "ChannelHangupRequest", "StasisEnd"] {
                    fleet.tell(type, of: "old", on: "ast1", to: "app")
                }
                fleet.tell("StasisStart", of: "new", replacing: "old", on: "ast2", to: "app")
            }
        }
        return heard
    }
}
