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

/// One agent beside a real Asterisk.
@Suite("A live node", .serialized, .timeLimit(.minutes(5)))
struct LiveNodeTests {
    private func event(_ event: BusEvent) throws -> Event { try JSONDecoder().decode(Event.self, from: event.body) }

    @Test(
        "it starts, registers, serves routes of applications, drains, and leaves nothing",
        arguments: [
            NodeSettings.LinkChoice.outbound, .inbound,
        ]
    )
    func lifecycle(link: NodeSettings.LinkChoice) async throws {
        try await LiveFixture.with(portOffset: 21_000) { fleet in
            let settings = fleet.settings(1, link: link)
            let stream = try await fleet.bus.subscribe(["#"], limit: 10_000)
            try await fleet.running(settings) {
                let record = try await fleet.record("ast1") { $0.health == .passing }
                #expect(record.id == settings.id)
                let client = fleet.client(settings)
                #expect(try await client.asterisk.getInfo(only: [.system]).system?.entityID == settings.id)
                #expect(try await fleet.options("available", settings) == 200)
                #expect(try await fleet.options("nobody", settings) == 404)
                #expect(try await fleet.options("available", settings, secret: "wrong") == 401)

                // An application and a route that come while the node runs.
                try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.application("tts"))
                try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.route("8001"))
                try await eventually {
                    try await client.applications.list().contains { $0.name == "tts" }
                }
                // Listed, an application may not be active yet: then a call is sent away, and comes again.
                var calls = 1
                func call() async throws -> Bool {
                    try await client.send(
                        .POST,
                        ["channels"],
                        query: [
                            ("endpoint", "Local/8001@default"), ("extension", "9999"), ("context", "default"),
                            ("channelId", "call-\(calls)"),
                        ]
                    ).status == 200
                }
                try await eventually { try await call() }
                var starts = 0
                var last: UInt64 = 0
                for await published in stream {
                    #expect(last == 0 || published.sequence == last + 1)
                    #expect(published.incarnation == record.incarnation)
                    last = published.sequence
                    let event = try event(published)
                    if event.type == "StasisStart" {
                        starts += 1
                        #expect(published.topic == "stasis.app.tts")
                        #expect(event.channel?.id == "call-\(calls);2")
                        try await client.channels.hangup("call-\(calls)")
                    }
                    if event.type == "ChannelDestroyed", published.topic == "stasis.channel.call-\(calls);2" {
                        guard starts == 0, calls < 5 else { break }
                        calls += 1
                        #expect(try await call())
                    }
                }
                #expect(starts == 1)

                // The application goes, and another comes.
                try await fleet.registry.remove(RegistryKey.application("tts"))
                try await fleet.registry.set(Array("room".utf8), for: RegistryKey.application("room"))
                try await eventually {
                    let listed = String(buffer: try await client.send(.GET, ["applications"]).body)
                    return listed.contains(#""name":"room""#) && !listed.contains(#""name":"tts""#)
                }

                try await fleet.registry.setDraining(true, node: "ast1")
                try await eventually { try await fleet.options("available", settings) == 404 }
                try await fleet.registry.setDraining(false, node: "ast1")
                try await eventually { try await fleet.options("available", settings) == 200 }
            }
            #expect(await fleet.registry.nodes().isEmpty)
            #expect(fleet.ledger.entries.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: settings.directory.path))
        }
    }

    @Test("killed, it is critical at once and comes back as another incarnation")
    func killed() async throws {
        try await LiveFixture.with(portOffset: 21_000) { fleet in
            let settings = fleet.settings(1)
            try await fleet.running(settings) {
                let first = try await fleet.record("ast1") { $0.health == .passing }
                let pid = try #require(fleet.ledger.entries.first?.identity.pid)
                let clock = ContinuousClock()
                let lastOfFirst = EventOutlet.base()
                let stream = try await fleet.bus.subscribe(["#"], limit: 1000)
                let noticed = try await clock.measure {
                    kill(pid, SIGKILL)
                    // Who looks late may find it starting again already.
                    _ = try await fleet.record("ast1") {
                        $0.health == .critical || $0.incarnation != first.incarnation
                    }
                }
                #expect(noticed < .seconds(5))
                let second = try await fleet.record("ast1") {
                    $0.health == .passing && $0.incarnation != first.incarnation
                }
                for await event in stream where event.incarnation != first.incarnation {
                    #expect(event.incarnation == second.incarnation)
                    #expect(event.sequence > lastOfFirst)
                    break
                }
            }
        }
    }

    @Test("hung, it is critical, killed after a while, and comes back")
    func hung() async throws {
        try await LiveFixture.with(portOffset: 21_000) { fleet in
            var settings = fleet.settings(1)
            settings.limits.probeInterval = .milliseconds(100)
            settings.limits.probeTimeout = .milliseconds(300)
            settings.limits.hangTimeout = .seconds(10)
            try await fleet.running(settings) {
                let first = try await fleet.record("ast1") { $0.health == .passing }
                let pid = try #require(fleet.ledger.entries.first?.identity.pid)
                kill(pid, SIGSTOP)
                let critical = try await fleet.record("ast1") { $0.health == .critical }
                #expect(critical.incarnation == first.incarnation)
                _ = try await fleet.record("ast1") {
                    $0.health == .passing && $0.incarnation != first.incarnation
                }
                #expect(ProcessIdentity(pid: pid) == nil)
            }
        }
    }

    @Test("a leg dialled on one node arrives in the agent's application on the other")
    func legs() async throws {
        try await LiveFixture.with(portOffset: 21_000) { fleet in
            let (near, far) = (fleet.settings(1), fleet.settings(2))
            try await fleet.running(near) {
                _ = try await fleet.record("ast1") { $0.health == .passing }
                // The second node comes later: the first must learn of it.
                try await fleet.running(far) {
                    _ = try await fleet.record("ast2") { $0.health == .passing }
                    let client = fleet.client(near)
                    try await eventually {
                        (try? await client.endpoints.get("PJSIP", resource: "node-ast2")) != nil
                    }
                    let stream = try await fleet.bus.subscribe(["stasis.app.asterism"], limit: 100)
                    try await client.channels.originate(
                        endpoint: "PJSIP/leg-7@node-ast2",
                        app: "asterism",
                        channelID: "leg-7"
                    )
                    for await published in stream {
                        let body = String(buffer: published.body)
                        guard published.node == "ast2", body.contains(#""type":"StasisStart""#) else { continue }
                        #expect(body.contains(#""args":["leg","leg-7"]"#))
                        break
                    }
                }
            }
        }
    }

    @Test("a port that is taken is named, with a remedy")
    func portInUse() async throws {
        try await LiveFixture.with(portOffset: 21_000) { fleet in
            let settings = fleet.settings(1)
            try await fleet.running(settings) {
                _ = try await fleet.record("ast1") { $0.health == .passing }
                await #expect {
                    try await fleet.agent(settings).run()
                } throws: { error in
                    "\(error)".contains("ast1 cannot be started: 127.0.0.1:29101 (tcp, for ARI)")
                        && "\(error)".contains("ss -lnp")
                }
            }
        }
    }
}
