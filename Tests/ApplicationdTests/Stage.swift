import EventBus
import Foundation
import NIOHTTP1
import Registry
import Synchronization
import Testing

@testable import Applicationd

/// A gateway, a bus on which somebody listens, and applicationds over them.
struct Stage: Sendable {
    let gateway: SimulatedGateway
    let bus: EmbeddedBus
    let heard: Heard

    /// What was announced.
    final class Heard: Sendable {
        private let events = Mutex<[ServiceEvent]>([])

        func add(_ event: ServiceEvent) { events.withLock { $0.append(event) } }
        /// The events of applications.
        var all: [ServiceEvent] { events.withLock { $0.filter { $0.routingKey.hasPrefix("applications.") } } }
        /// What instances told one another.
        var messages: [InstanceMessage] { events.withLock { $0.compactMap { InstanceMessage($0) } } }
        var names: [String] { all.compactMap(\.name) }
        func named(_ name: String) -> [ServiceEvent] { all.filter { $0.name == name } }
    }

    static func run(_ test: @Sendable (Stage) async throws -> Void) async throws {
        let stage = Stage(
            gateway: try await SimulatedGateway(registry: EmbeddedRegistry()),
            bus: EmbeddedBus(),
            heard: Heard()
        )
        let events = try await stage.bus.listen(limit: 100_000)
        let listening = Task { for await event in events { stage.heard.add(event) } }
        let result = await Result { try await test(stage) }
        stage.bus.shutDown()
        await listening.value
        await stage.gateway.stop()
        try result.get()
    }

    /// One instance that leads and has the application of the demonstration.
    static func withOne(_ test: @Sendable (Stage, RunningApplicationd) async throws -> Void) async throws {
        try await run { stage in
            let instance = try await RunningApplicationd(gateway: stage.gateway, bus: stage.bus)
            do {
                try await stage.register(by: instance)
                try await test(stage, instance)
            } catch {
                await instance.kill()
                throw error
            }
            await instance.kill()
        }
    }

    /// Registers the application and waits until its events are followed.
    func register(by instance: RunningApplicationd) async throws {
        _ = try await instance.ask(.POST, "/1.0/applications/test")
        try await eventually("the events of the application are followed") {
            gateway.carried.contains { $0.contains(Fixtures.application) }
                && gateway.requests.contains("GET /bridges")
        }
    }
}

/// Waits for a fact.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within 30 s: \(what)")
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
