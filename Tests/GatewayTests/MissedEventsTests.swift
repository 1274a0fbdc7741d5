import ARI
import EventBus
import Registry
import Testing

@testable import Gateway

@Suite("Events that a gateway missed", .timeLimit(.minutes(3)))
struct MissedEventsTests {
    @Test("an application hears of who went and who came meanwhile, once, before anything newer")
    func gap() async throws {
        let registry = try EmbeddedRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        try await registry.register(fleet.add("ast1"))
        let gateway = try await RunningGateway(1, registry: registry, bus: bus)
        let heard = await withThrowingTaskGroup(of: Void.self) { group in
            let (feed, continuation) = AsyncStream.makeStream(of: EventFeed.self)
            group.addTask {
                try await gateway.ari.followEvents(of: ["app"]) { continuation.yield($0) }
            }
            defer { group.cancelAll() }
            return await Self.heard(in: feed, of: fleet)
        }
        #expect(
            heard == [
                "StasisStart known", "StasisEnd known", "ChannelDestroyed known", "StasisStart missed",
                "StasisStart newer", "StasisStart newest",
            ]
        )
        await gateway.stop()
        await fleet.stop()
    }

    /// One caller comes; while nobody hears of it he goes and another comes; then two more come.
    private static func heard(in feed: AsyncStream<EventFeed>, of fleet: SimulatedFleet) async -> [String] {
        var heard: [String] = []
        for await each in feed {
            switch each {
            case .connected: fleet.call("known", on: "ast1", application: "app")
            case .disconnected: return heard
            case .event(let event):
                heard.append("\(event.type) \(event.channel?.id ?? "")")
                switch heard.last {
                case "StasisStart known":
                    fleet.unheard(on: "ast1") {
                        fleet.end("known", on: "ast1")
                        fleet.call("missed", on: "ast1", application: "app")
                    }
                    fleet.call("newer", on: "ast1", application: "app")
                    fleet.call("newest", on: "ast1", application: "app")
                case "StasisStart newest": return heard
                default: continue
                }
            }
        }
        return heard
    }
}
