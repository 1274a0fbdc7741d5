import ARI
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import VoiceApp

/// An application made of a closure.
private struct TestApp: VoiceApp {
    let name = "app"
    let body: @Sendable (Call) async throws -> Void

    func onCall(_ call: Call) async throws { try await body(call) }
}

/// What happened, in order.
private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    func callAsFunction(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Runner", .timeLimit(.minutes(5)))
struct VoiceAppRunnerTests {
    private let journal = Journal()

    /// Runs an application against a simulated ARI around `body`.
    private func running(
        _ ari: SimulatedARI,
        shutdown: ShutdownPolicy = .hangUp(after: .zero),
        app: @escaping @Sendable (Call) async throws -> Void,
        _ body: () async throws -> Void
    ) async throws {
        let runner = VoiceAppRunner(
            TestApp(body: app),
            gateway: ari.url,
            user: "wazo",
            password: "wazo",
            shutdown: shutdown,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            try await eventually { ari.requests.contains("GET /channels") }
            try await body()
            group.cancelAll()
        }
        try await ari.stop()
    }

    private func eventually(_ condition: () -> Bool) async throws {
        for _ in 0..<6000 where !condition() { try await Task.sleep(for: .milliseconds(5)) }
        #expect(condition(), "\(journal.all)")
    }

    @Test("a call whose application returns is hung up")
    func returning() async throws {
        let ari = try await SimulatedARI()
        try await running(ari, app: { try await $0.answer() }) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { ari.requests.contains("DELETE /channels/a") }
        }
        #expect(ari.requests == ["GET /channels", "POST /channels/a/answer", "DELETE /channels/a"])
    }

    @Test("a call whose application throws is hung up")
    func throwing() async throws {
        let ari = try await SimulatedARI()
        try await running(ari, app: { _ in throw CallError.noSpeech }) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { ari.requests.contains("DELETE /channels/a") }
        }
    }

    @Test("hanging up cancels the task, operations then say so, and nothing is sent for a channel that has gone")
    func hangingUp() async throws {
        let ari = try await SimulatedARI { $0.contains("/play/") ? (201, playbackJSON) : nil }
        let journal = journal
        let app: @Sendable (Call) async throws -> Void = { call in
            do {
                try await call.play("sound:long")
            } catch {
                journal("\(error) \(Task.isCancelled)")
                try await call.answer()
            }
        }
        try await running(ari, app: app) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { ari.requests.count == 2 }
            try await ari.send("StasisEnd", channel: "a")
            try await eventually { !journal.all.isEmpty }
        }
        #expect(journal.all.first?.hasPrefix("the call has been hung up") == true)
        #expect(ari.requests.count == 2, "\(ari.requests)")
    }

    @Test("a sound that fails because the caller hangs up is not reported as a bad sound")
    func failedByHangup() async throws {
        let ari = try await SimulatedARI { request in
            request.contains("/play/") ? (201, playbackJSON) : nil
        }
        let journal = journal
        let app: @Sendable (Call) async throws -> Void = { call in
            do { try await call.play("sound:x") } catch { journal("\(error)") }
        }
        try await running(ari, app: app) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { ari.requests.count == 2 }
            let playback = ari.requests.last?.split(separator: "/").last.map(String.init) ?? ""
            var failed = playbackJSON
            failed["id"] = .string(playback)
            failed["target_uri"] = "channel:a"
            failed["state"] = "failed"
            try await ari.send("ChannelHangupRequest", channel: "a")
            try await ari.send("PlaybackFinished", ["playback": failed])
            try await eventually { journal.all == ["the call has been hung up"] }
        }
    }

    @Test("a hang-up seen in an answer before the event ends the call without an error")
    func hangupInAnswer() async throws {
        let ari = try await SimulatedARI { $0.hasSuffix("/answer") ? (404, ["message": "Channel not found"]) : nil }
        let journal = journal
        let app: @Sendable (Call) async throws -> Void = { call in
            do { try await call.answer() } catch CallError.hungUp { journal("hung up") }
        }
        try await running(ari, app: app) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { journal.all == ["hung up"] }
        }
    }

    @Test("a playback that finished before its request was answered")
    func finishedEarly() async throws {
        let sender = Mutex<SimulatedARI?>(nil)
        let ari = try await SimulatedARI { request in
            guard let playback = request.wholeMatch(of: /POST \/channels\/a\/play\/(.*)/)?.1 else { return nil }
            let state: JSONValue = [
                "id": .string(String(playback)), "media_uri": "sound:x", "target_uri": "channel:a", "state": "done",
            ]
            let ari = sender.withLock { $0 }
            Task { try await ari?.send("PlaybackFinished", ["playback": state]) }
            return (201, state)
        }
        sender.withLock { $0 = ari }
        let journal = journal
        try await running(
            ari,
            app: {
                try await $0.play("sound:x")
                journal("played")
            }
        ) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { journal.all == ["played"] }
        }
    }

    @Test("what happened while the link was down is made up for")
    func reconnection() async throws {
        let isBack = Mutex(false)
        let ari = try await SimulatedARI { request in
            guard isBack.withLock({ $0 }) else {
                return request.contains("/play/") ? (201, playbackJSON) : nil
            }
            return switch request {
            case "GET /channels":
                (200, .array(["stays", "came"].map { EventFixtures.channel($0, application: "app") }))
            case let other where other.hasPrefix("GET /playbacks/"): (404, ["message": "Playback not found"])
            default: nil
            }
        }
        let journal = journal
        let app: @Sendable (Call) async throws -> Void = { call in
            journal("begin \(call.id)")
            guard call.id != "came" else { return await call.ended() }
            do {
                try await call.play("sound:x")
                journal("played \(call.id)")
            } catch {
                journal("\(call.id) \(error)")
            }
            await call.ended()
        }
        try await running(ari, app: app) {
            try await ari.send("StasisStart", channel: "stays")
            try await ari.send("StasisStart", channel: "goes")
            try await eventually { ari.requests.count == 3 }
            isBack.withLock { $0 = true }
            try await ari.breakLink()
            let expected: Set = [
                "begin stays", "begin goes", "begin came", "played stays", "goes the call has been hung up",
            ]
            try await eventually { Set(journal.all) == expected }
        }
    }

    @Test("a room that was removed just as the caller arrived is made again")
    func conferenceRace() async throws {
        let gone = Mutex(2)
        let ari = try await SimulatedARI { request in
            switch request {
            case "POST /bridges/conference-7001/addChannel":
                gone.withLock { left in
                    left -= 1
                    return left >= 0 ? (404, ["message": "Bridge not found"]) : nil
                }
            case "POST /bridges/conference-7001": (200, bridgeJSON)
            case "GET /bridges/conference-7001": (200, bridgeJSON)
            default: nil
            }
        }
        let journal = journal
        let app: @Sendable (Call) async throws -> Void = { call in
            try await call.join(conference: call.dialled)
            journal("left")
        }
        try await running(ari, app: app) {
            try await ari.send("StasisStart", channel: "a")
            let entered = "POST /bridges/conference-7001/addChannel"
            try await eventually { ari.requests.count { $0 == entered } == 3 }
            let left: [String: JSONValue] = ["channel": EventFixtures.channel("a"), "bridge": bridgeJSON]
            try await ari.send("ChannelLeftBridge", left)
            try await eventually { journal.all == ["left"] }
            #expect(ari.requests.contains("DELETE /bridges/conference-7001"))
        }
    }

    @Test("a call taken over from an application that stopped stays in its room undisturbed")
    func takenOver() async throws {
        var room = bridgeJSON
        room["channels"] = ["a"]
        let occupied = room
        let ari = try await SimulatedARI { request in
            switch request {
            case "GET /channels": (200, [EventFixtures.channel("a", application: "app")])
            case "GET /bridges/conference-7001": (200, occupied)
            default: nil
            }
        }
        try await running(ari, app: { try await $0.join(conference: "7001") }) {
            try await eventually { ari.requests.count == 2 }
            try await Task.sleep(for: .milliseconds(50))
            #expect(ari.requests == ["GET /channels", "GET /bridges/conference-7001"])
        }
    }

    @Test("a caller who hangs up in a room is followed by the room when it is empty")
    func lastOneLeaves() async throws {
        let ari = try await SimulatedARI { $0 == "GET /bridges/conference-7001" ? (200, bridgeJSON) : nil }
        try await running(ari, app: { try await $0.join(conference: "7001") }) {
            try await ari.send("StasisStart", channel: "a")
            try await eventually { ari.requests.contains { $0.hasSuffix("addChannel") } }
            try await ari.send("StasisEnd", channel: "a")
            try await eventually { ari.requests.contains("DELETE /bridges/conference-7001") }
        }
    }

    @Test("rooms that were left while nobody looked are removed, and nothing else")
    func emptyRooms() async throws {
        var occupied = bridgeJSON
        occupied["id"] = "conference-7002"
        occupied["name"] = "7002"
        occupied["channels"] = ["a"]
        var foreign = bridgeJSON
        foreign["id"] = "conference-hall"
        let bridges: JSONValue = .array([bridgeJSON, occupied, foreign])
        let ari = try await SimulatedARI { $0 == "GET /bridges" ? (200, bridges) : nil }
        try await running(ari, app: { _ in }) {
            try await eventually { ari.requests.contains { $0.hasPrefix("DELETE") } }
            try await ari.send("StasisStart", channel: "a")
            try await eventually { ari.requests.contains("DELETE /channels/a") }
            #expect(ari.requests.filter { $0.hasPrefix("DELETE /bridges") } == ["DELETE /bridges/conference-7001"])
        }
    }

    @Test(
        "at shutdown calls are hung up, or left for the next to come",
        arguments: [
            (ShutdownPolicy.hangUp(after: .milliseconds(50)), true),
            (.leave, false),
        ]
    )
    func shuttingDown(policy: ShutdownPolicy, hangsUp: Bool) async throws {
        let ari = try await SimulatedARI()
        let journal = journal
        let app: @Sendable (Call) async throws -> Void = { call in
            journal("begin")
            await call.ended()
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let runner = VoiceAppRunner(
            TestApp(body: app),
            gateway: ari.url,
            user: "wazo",
            password: "wazo",
            shutdown: policy,
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            let services = ServiceGroup(services: [runner], logger: logger)
            group.addTask { try await services.run() }
            try await eventually { ari.requests.contains("GET /channels") }
            try await ari.send("StasisStart", channel: "a")
            try await eventually { journal.all == ["begin"] }
            await services.triggerGracefulShutdown()
            try await group.next()
        }
        #expect(ari.requests.contains("DELETE /channels/a") == hangsUp)
        try await ari.stop()
    }

    private let playbackJSON: JSONValue = [
        "id": "p", "media_uri": "sound:x", "target_uri": "channel:x", "state": "queued",
    ]
    private let bridgeJSON: JSONValue = [
        "id": "conference-7001", "technology": "simple_bridge", "bridge_type": "mixing", "bridge_class": "stasis",
        "creator": "Stasis", "name": "7001", "channels": [], "creationtime": "2026-01-01T00:00:00.000+0000",
    ]
}
