import ARI
import EventBus
import Registry
import Testing

@testable import Gateway

@Suite("Bridges while the registry is away", .timeLimit(.minutes(3)))
struct RegistryOutageTests {
    private static func withGateway(
        _ body: @Sendable (FailingRegistry, RunningGateway) async throws -> Void
    ) async throws {
        let registry = try FailingRegistry()
        let bus = EmbeddedBus()
        let fleet = SimulatedFleet(bus: bus)
        try await registry.register(fleet.add("ast1"))
        let gateway = try await RunningGateway(1, registry: registry, bus: bus)
        fleet.call("a", on: "ast1", application: "app")
        do {
            try await gateway.hasHeard(of: ["a"])
            try await body(registry, gateway)
        } catch { Issue.record(error) }
        await gateway.stop()
        await fleet.stop()
    }

    /// Polls until a condition holds; the suite's time limit bounds it.
    private static func eventually(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    @Test("one that is destroyed does not come back with the registry", arguments: [true, false])
    func destroyed(isUsed: Bool) async throws {
        try await Self.withGateway { registry, gateway in
            try await gateway.ari.bridges.createWithID("room", type: "mixing")
            if isUsed { try await gateway.ari.bridges.addChannel("room", channel: ["a"]) }
            registry.fail(.refused)
            try await gateway.ari.bridges.destroy("room")
            let isShown = try await gateway.ari.bridges.list().contains { $0.id == "room" }
            #expect(!isShown)
            registry.fail(nil)
            // Whatever changes, the registry's list is read again.
            try await registry.set([], for: RegistryKey.bridge("other"))
            try await Self.eventually {
                let isBack = try await gateway.ari.bridges.list().contains { $0.id == "room" }
                #expect(!isBack)
                return try await registry.entry(RegistryKey.bridge("room")) == nil
            }
        }
    }

    @Test("one that is being made can be destroyed")
    func inTheMaking() async throws {
        try await Self.withGateway { registry, gateway in
            registry.fail(.late(.milliseconds(500)))
            let making = Task { try await gateway.ari.bridges.createWithID("room", type: "mixing") }
            try await Self.eventually { registry.lateWrites > 0 }
            try await gateway.ari.bridges.destroy("room")
            _ = try await making.value
            try await Self.eventually { try await registry.entry(RegistryKey.bridge("room")) == nil }
            let isShown = try await gateway.ari.bridges.list().contains { $0.id == "room" }
            #expect(!isShown)
        }
    }

    @Test("one that could not be made, as far as anybody was told, is not found later")
    func unanswered() async throws {
        try await Self.withGateway { registry, gateway in
            registry.fail(.unanswered)
            await #expect {
                try await gateway.ari.bridges.createWithID("room", type: "mixing")
            } throws: {
                "\($0)".contains("could not be recorded")
            }
            registry.fail(nil)
            try await Self.eventually { try await registry.entry(RegistryKey.bridge("room")) == nil }
            try await Self.eventually { try await !gateway.ari.bridges.list().contains { $0.id == "room" } }
            try await gateway.ari.bridges.createWithID("room", type: "mixing")
        }
    }
}
