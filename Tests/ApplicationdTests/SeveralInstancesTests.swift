import ARI
import EventBus
import NIOHTTP1
import Registry
import Testing

@testable import Applicationd

@Suite("Several instances", .timeLimit(.minutes(5)))
struct SeveralInstancesTests {
    /// Two instances over one registry, bus and gateway; the first leads.
    private static func withTwo(
        _ test: @Sendable (Stage, RunningApplicationd, RunningApplicationd) async throws -> Void
    ) async throws {
        try await Stage.run { stage in
            let first = try await RunningApplicationd("one", gateway: stage.gateway, bus: stage.bus)
            try await eventually("the first leads") {
                await stage.gateway.registry.entry(RegistryKey.applicationdLeader)?.text == "one"
            }
            let second = try await RunningApplicationd("two", gateway: stage.gateway, bus: stage.bus)
            do {
                try await stage.register(by: second)
                try await test(stage, first, second)
            } catch {
                await first.kill()
                await second.kill()
                throw error
            }
            await first.kill()
            await second.kill()
        }
    }

    @Test("both serve, one announces")
    func sharing() async throws {
        try await Self.withTwo { stage, first, second in
            for number in 1...20 { stage.gateway.call("c\(number)", Fixtures.application) }
            for number in 1...20 {
                let instance = number.isMultiple(of: 2) ? first : second
                let answer = try await instance.ask(
                    .PUT,
                    "/1.0/applications/\(Fixtures.application)/calls/c\(number)/answer"
                )
                #expect(answer.short == "200 null")
            }
            try await eventually("each answer is announced") {
                stage.heard.named("application_call_answered").count >= 20
            }
            #expect(stage.heard.named("application_call_answered").count == 20)
            #expect(stage.heard.named("user_outgoing_call_created").count == 20)
            #expect(stage.gateway.carried.count == 1, "one socket in all")
        }
    }

    @Test("when the leader dies amid calls, the other announces the rest: nothing twice, nothing lost")
    func leaderDies() async throws {
        try await Self.withTwo { stage, first, second in
            let calls = (1...60).map { "c\($0)" }
            for (index, call) in calls.enumerated() {
                if index == 30 {
                    try await eventually("the first calls are announced") {
                        Set(["c1", "c2", "c3"]).isSubset(of: Self.calls(stage, "user_outgoing_call_created"))
                    }
                    // What happens while nobody leads is seen by the next leader.
                    await first.kill()
                    for gone in ["c1", "c2", "c3"] { stage.gateway.hangUp(gone) }
                }
                stage.gateway.call(call, Fixtures.application)
                if index < 30 { try await Task.sleep(for: .milliseconds(1)) }
            }
            let path = "/1.0/applications/\(Fixtures.application)"
            let node = try await second.ask(.POST, "\(path)/nodes/bigone", "[\"c10\",\"c40\"]")
            #expect(node.status == 200)
            try await eventually("every call and the node is announced") {
                Self.calls(stage, "user_outgoing_call_created").count >= calls.count
                    && stage.heard.names.contains("application_node_updated")
                    && Self.calls(stage, "application_call_deleted").count >= 3
            }
            for call in calls { stage.gateway.hangUp(call) }
            try await eventually("every end is announced") {
                Self.calls(stage, "application_call_deleted").count >= calls.count
            }
            for name in [
                "user_outgoing_call_created", "application_user_outgoing_call_created", "application_call_deleted",
            ] {
                #expect(Self.calls(stage, name).sorted() == calls.sorted(), "\(name)")
            }
            #expect(stage.heard.named("application_node_created").count == 1)
        }
    }

    @Test("one that joins late knows what was announced before it came")
    func joinsLate() async throws {
        try await Self.withTwo { stage, first, second in
            for number in 1...5 { stage.gateway.call("c\(number)", Fixtures.application) }
            try await eventually("the calls are announced") {
                Self.calls(stage, "user_outgoing_call_created").count == 5
            }
            await second.kill()
            let third = try await RunningApplicationd("three", gateway: stage.gateway, bus: stage.bus)
            try await eventually("the third is told") {
                stage.heard.messages.contains { if case .state(for: "three", _) = $0 { true } else { false } }
            }
            await first.kill()
            try await eventually("the third leads") {
                await stage.gateway.registry.entry(RegistryKey.applicationdLeader)?.text == "three"
                    && !stage.gateway.carried.isEmpty
            }
            stage.gateway.call("c6", Fixtures.application)
            try await eventually("the next call is announced") {
                Self.calls(stage, "user_outgoing_call_created").contains("c6")
            }
            #expect(
                Self.calls(stage, "user_outgoing_call_created").sorted() == ["c1", "c2", "c3", "c4", "c5", "c6"]
            )
            await third.kill()
        }
    }

    @Test("applications that are registered later are followed on sockets of their own")
    func laterApplications() async throws {
        try await Self.withTwo { stage, first, second in
            for name in ["x", "y"] { #expect(try await second.ask(.POST, "/1.0/applications/\(name)").status == 200) }
            let all = Set(["test", "x", "y"].map(NamedUUID.application))
            try await eventually("all are followed") { Set(stage.gateway.carried.flatMap { $0 }) == all }
            #expect(stage.gateway.carried.reduce(0) { $0 + $1.count } == 3, "each by one socket")
            stage.gateway.call("a", NamedUUID.application("x"))
            try await eventually("calls of a later one are announced") {
                Self.calls(stage, "user_outgoing_call_created") == ["a"]
            }
        }
    }

    @Test("an application that an ARI client opened is left to it")
    func socketApplications() async throws {
        try await Self.withTwo { stage, _, second in
            let foreign = NamedUUID.application("foreign")
            try await stage.gateway.registry.set([], for: RegistryKey.socketApplication(foreign))
            try await stage.gateway.registry.set(Array(foreign.utf8), for: RegistryKey.application(foreign))
            try await stage.gateway.registry.set(Array("tts".utf8), for: RegistryKey.application("tts"))
            // Registered later, and seen later.
            #expect(try await second.ask(.POST, "/1.0/applications/later").status == 200)
            let later = NamedUUID.application("later")
            try await eventually("a later one is followed") { stage.gateway.carried.contains { $0.contains(later) } }
            #expect(Set(stage.gateway.carried.flatMap { $0 }) == [Fixtures.application, later])
        }
    }

    @Test("events that were interrupted are made up for from the lists")
    func interruption() async throws {
        try await Self.withTwo { stage, _, _ in
            stage.gateway.call("a", Fixtures.application)
            try await eventually("it is announced") { stage.heard.names.count == 2 }
            await stage.gateway.breakLinks()
            stage.gateway.call("b", Fixtures.application)
            stage.gateway.hangUp("a")
            try await eventually("what was missed is announced") {
                Self.calls(stage, "user_outgoing_call_created") == ["a", "b"]
                    && Self.calls(stage, "application_call_deleted") == ["a"]
            }
        }
    }

    private static func calls(_ stage: Stage, _ name: String) -> [String] {
        stage.heard.named(name).compactMap { Fixtures.body(of: $0)["data"]?["call"]?["id"]?.string }
    }
}
