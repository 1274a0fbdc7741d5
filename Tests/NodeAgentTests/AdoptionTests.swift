import ARI
import Engines
import EventBus
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry
import Testing

@testable import NodeAgent

/// An agent that is killed, and the next one, beside a real Asterisk.
@Suite("Taking over a running Asterisk", .serialized, .timeLimit(.minutes(5)))
struct AdoptionTests {
    private static let folderVariable = "ASTERISM_TEST_AGENT_FOLDER"
    private static let portOffset = 12_000

    /// Not a test of its own: what the other process of this test runs, until it is killed.
    @Test("the agent that is to be killed", .enabled(if: ProcessInfo.processInfo.environment[folderVariable] != nil))
    func victim() async throws {
        let folder = try #require(ProcessInfo.processInfo.environment[Self.folderVariable])
        try await LiveFixture.with(portOffset: Self.portOffset, folder: URL(filePath: folder)) { fleet in
            try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.application("tts"))
            try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.route("8001"))
            try await fleet.agent(settings(in: fleet)).run()
        }
    }

    private func settings(in fleet: LiveFixture) -> NodeSettings {
        .local(
            number: 1,
            runDirectory: fleet.folder,
            fleetSecret: "sesame",
            portOffset: fleet.portOffset,
            adoptsRunning: true
        )
    }

    private func startVictim(in folder: URL) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "NodeAgentTests.AdoptionTests/victim"]
        process.environment = ProcessInfo.processInfo.environment.merging([Self.folderVariable: folder.path]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test("the call and its events survive a kill of the agent")
    func survives() async throws {
        try await LiveFixture.with(portOffset: Self.portOffset) { fleet in
            let victim = try startVictim(in: fleet.folder)
            defer { if victim.isRunning { kill(victim.processIdentifier, SIGKILL) } }
            var found: AgentState?
            try await eventually {
                found = AgentState.read(for: settings(in: fleet))
                return found != nil
            }
            let state = try #require(found)
            let client = ARIClient(
                baseURL: "http://\(state.ari)/ari",
                user: state.ariCredentials.user,
                password: state.ariCredentials.password
            )
            try await eventually { (try? await client.applications.list().map(\.name).contains("tts")) == true }
            // The other half of the Local channel is in the application, unless that is listed and not active yet.
            try await eventually {
                if (try? await client.channels.get("call-1;2"))?.dialplan.appName == "Stasis" { return true }
                _ = try await client.send(
                    .POST,
                    ["channels"],
                    query: [
                        ("endpoint", "Local/8001@default"), ("extension", "9999"), ("context", "default"),
                        ("channelId", "call-1"),
                    ]
                )
                return false
            }

            kill(victim.processIdentifier, SIGKILL)
            victim.waitUntilExit()
            try await Task.sleep(for: .milliseconds(500))
            #expect(state.asterisk.isRunning)
            for number in 1...20 { try await set("WHILE_AWAY", "\(number)", client) }

            let stream = try await fleet.bus.subscribe(["#"], limit: 10_000)
            try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.application("tts"))
            try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.route("8001"))
            try await fleet.running(settings(in: fleet)) {
                let record = try await fleet.record("ast1") { _ in true }
                #expect(record.health == .passing)
                #expect(record.incarnation == state.incarnation)
                #expect(record.ariCredentials == state.ariCredentials)
                #expect(try await client.channels.list().count == 2)
                try await set("BACK", "1", client)
                var seen: [String] = []
                var last: UInt64 = 0
                for await published in stream {
                    #expect(published.sequence > state.sequenceBase + 400_000)
                    #expect(last == 0 || published.sequence == last + 1)
                    #expect(published.incarnation == state.incarnation)
                    last = published.sequence
                    let event = try JSONDecoder().decode(Event.self, from: published.body)
                    guard event.type == "ChannelVarset", event.application == "asterism" else { continue }
                    if event.variable == "WHILE_AWAY", event.channel?.id == "call-1;2" {
                        seen.append(event.value ?? "")
                    }
                    if event.variable == "BACK" { break }
                }
                #expect(seen == (1...20).map(String.init))
                // What changes from now on is read by the Asterisk that was taken over.
                try await fleet.registry.set(Array("room".utf8), for: RegistryKey.application("room"))
                try await eventually { try await client.applications.list().map(\.name).contains("room") }
                #expect(try await client.channels.list().count == 2)
                #expect(state.asterisk.isRunning)
            }
            #expect(!state.asterisk.isRunning)
            #expect(fleet.ledger.entries.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: settings(in: fleet).directory.path))
        }
    }

    private func set(_ variable: String, _ value: String, _ client: ARIClient) async throws {
        try await client.channels.setChannelVar("call-1;2", variable: variable, value: value)
    }

    @Test("what is left of an Asterisk that died is started anew")
    func gone() async throws {
        try await LiveFixture.with(portOffset: Self.portOffset) { fleet in
            let settings = settings(in: fleet)
            let identity = try #require(ProcessIdentity(pid: getpid()))
            let state = AgentState(
                name: settings.name,
                id: settings.id,
                sip: settings.sip,
                ari: settings.ari,
                ami: settings.ami,
                ariCredentials: Credentials(user: "asterism", password: "kept"),
                amiCredentials: settings.amiCredentials,
                link: nil,
                incarnation: "earlier",
                asterisk: identity,
                sequenceBase: 1
            )
            try FileManager.default.createDirectory(at: settings.directory, withIntermediateDirectories: true)
            try state.write(in: settings.directory)
            try await fleet.running(settings) {
                let record = try await fleet.record("ast1") { $0.health == .passing }
                #expect(record.incarnation != "earlier")
                #expect(record.ariCredentials.password == "kept")
                #expect(AgentState.read(for: settings)?.incarnation == record.incarnation)
            }
        }
    }

    @Test("events of the manager interface are published, and an attached agent finds its Asterisk")
    func attached() async throws {
        try await LiveFixture.with(portOffset: Self.portOffset) { fleet in
            var owner = fleet.settings(1)
            owner.publishing.publishAMIEvents = true
            try await fleet.running(owner) { [owner] in
                _ = try await fleet.record("ast1") { $0.health == .passing }
                // The guest has a registry and a bus of its own.
                let guest = try LiveFixture(
                    registry: EmbeddedRegistry(),
                    bus: EmbeddedBus(),
                    folder: fleet.folder,
                    installation: fleet.installation,
                    portOffset: fleet.portOffset,
                    ledger: ProcessLedger(directory: fleet.folder.appending(path: "guest"))
                )
                try await guest.registry.set(Array("guests".utf8), for: RegistryKey.application("guests"))
                let settings = try await NodeSettings.attached(
                    sip: owner.sip,
                    ari: owner.ari,
                    credentials: owner.ariCredentials,
                    ami: (owner.ami, owner.amiCredentials),
                    publishing: PublishingSettings(publishAMIEvents: true),
                    logger: guest.logger
                )
                #expect(settings.name == "ast1" && settings.id == owner.id)
                let stream = try await guest.bus.subscribe(["stasis.ami.#"], limit: 1000)
                try await guest.running(settings) {
                    _ = try await guest.record("ast1") { $0.health == .passing }
                    let client = fleet.client(owner)
                    try await eventually { try await client.applications.list().map(\.name).contains("guests") }
                    // Only a connection that has been made hears of the call.
                    let calls = Task {
                        for number in 1... {
                            try await client.request(
                                .POST,
                                ["channels"],
                                query: [
                                    ("endpoint", "Local/9999@default"), ("extension", "9999"), ("context", "default"),
                                    ("channelId", "m-\(number)"),
                                ]
                            )
                            try await Task.sleep(for: .milliseconds(200))
                        }
                    }
                    defer { calls.cancel() }
                    for await event in stream where event.name == "Newchannel" {
                        #expect(event.topic == "stasis.ami.Newchannel")
                        #expect(event.sequence == 0)
                        let fields = try JSONDecoder().decode([String: String].self, from: event.body)
                        #expect(fields["Event"] == "Newchannel")
                        #expect(fields["Channel"]?.hasPrefix("Local/9999@default") == true)
                        break
                    }
                }
                // The guest has left; its host goes on.
                #expect(try await fleet.client(owner).channels.list().count > 0)
            }
        }
    }
}
