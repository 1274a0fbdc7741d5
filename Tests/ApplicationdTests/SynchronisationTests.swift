import EventBus
import Logging
import Telemetry
import Testing

@testable import Applicationd

@Suite("What an instance is told when it begins", .timeLimit(.minutes(5)))
struct SynchronisationTests {
    private let bus = EmbeddedBus()

    private func announcer(_ instance: String) -> Announcer {
        Announcer(
            bus: bus,
            instance: instance,
            origin: "origin",
            metrics: ApplicationdMetrics(PrometheusMetrics()),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("while nobody leads it is told by one who follows", arguments: [true, false])
    func ofFollower(hasLeader: Bool) async throws {
        let (former, newcomer) = (announcer("former"), announcer("newcomer"))
        try await hearing(former) {
            await former.synchronise(hasLeader: false)
            let node = CallNode(uuid: "f83dce5b-9aee-582b-a71a-99bdf57aa4eb", calls: ["1.5"])
            let created = Announcement.nodeCreated(node, in: Fixtures.application)
            try await bus.announce(created.event(origin: "origin", tenant: nil, timestamp: Timestamp.now()))
            try await eventually("it has heard") { await former.chapter(Fixtures.application).nodes[node.uuid] != nil }
            // It begins only now; the leader that may be registered has died.
            try await hearing(newcomer) {
                await newcomer.synchronise(hasLeader: hasLeader)
                #expect(await newcomer.isSynchronised)
                #expect(await newcomer.chapter(Fixtures.application).nodes[node.uuid] == node)
            }
        }
        bus.shutDown()
    }

    @Test("the first is told nothing, and begins all the same")
    func first() async throws {
        let only = announcer("only")
        try await hearing(only) {
            await only.synchronise(hasLeader: false)
            #expect(await only.isSynchronised)
        }
        bus.shutDown()
    }

    private func hearing(_ announcer: Announcer, _ body: () async throws -> Void) async throws {
        let events = try await bus.listen(limit: 1000)
        let listening = Task { for await event in events { await announcer.hear(event) } }
        defer { listening.cancel() }
        try await body()
    }
}
