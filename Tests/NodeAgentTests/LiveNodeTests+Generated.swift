import ARI
import EventBus
import Foundation
import NIOFoundationCompat
import Registry
import Testing

@testable import NodeAgent

/// The generated half of `ARI`, which believes Asterisk's description of itself.
extension LiveNodeTests {
    @Test("Asterisk answers and tells what it describes")
    func generated() async throws {
        try await LiveFixture.with(portOffset: 21_000) { fleet in
            let settings = fleet.settings(1)
            let stream = try await fleet.bus.subscribe(["#"], limit: 10_000)
            try await fleet.running(settings) {
                _ = try await fleet.record("ast1") { $0.health == .passing }
                let client = fleet.client(settings)
                try await examine(client)
                try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.application("tts"))
                try await fleet.registry.set(Array("tts".utf8), for: RegistryKey.route("8001"))
                let call = try await call(client)
                for await published in stream {
                    let message = try JSONDecoder().decode(Message.self, from: published.body)
                    if case .unknown(let type, _) = message { Issue.record("\(type) is not described") }
                    if case .channelDestroyed(let event) = message, event.channel.id == "\(call);2" { break }
                }
            }
        }
    }

    /// Asks for one of everything that an idle Asterisk has.
    private func examine(_ client: ARIClient) async throws {
        #expect(try await client.asterisk.ping().ping == "pong")
        let info = try await client.asterisk.getInfo()
        #expect(info.build != nil && info.system != nil && info.config != nil && info.status != nil)
        let module = try #require(try await client.asterisk.listModules().first)
        #expect(try await client.asterisk.getModule(module.name).name == module.name)
        _ = try await client.asterisk.listLogChannels()
        try await client.asterisk.setGlobalVar(variable: "A", value: "b c")
        #expect(try await client.asterisk.getGlobalVar(variable: "A").value == "b c")
        let sound = try #require(try await client.sounds.list(lang: "en").first)
        #expect(try await client.sounds.get(sound.id).formats.contains { $0.language == "en" })
        let endpoint = try #require(try await client.endpoints.list().first)
        #expect(try await client.endpoints.get(endpoint.technology, resource: endpoint.resource) == endpoint)
        try await client.deviceStates.update("Stasis:door", deviceState: .ringinuse)
        #expect(try await client.deviceStates.get("Stasis:door").state == "RINGINUSE")
        #expect(try await client.deviceStates.list().map(\.name) == ["Stasis:door"])
        try await client.deviceStates.delete("Stasis:door")
        #expect(try await client.recordings.listStored().isEmpty)
        #expect(try await client.applications.list().contains { $0.name == NodeConfiguration.observer })
    }

    /// A call into a bridge, with what can be done to both.
    /// - Returns: its id, and with `;2` that of the half in the bridge.
    private func call(_ client: ARIClient) async throws -> String {
        try await eventually { try await client.applications.list().contains { $0.name == "tts" } }
        // Until the agent has put the route into the dialplan a call ends as soon as it has begun.
        var calls = 0
        try await eventually {
            if calls > 0, (try? await client.channels.get("call-\(calls);2"))?.dialplan.appName == "Stasis" {
                return true
            }
            calls += 1
            _ = try? await client.channels.originate(
                endpoint: "Local/8001@default",
                extension: "9999",
                context: "default",
                channelID: "call-\(calls)",
                variables: ["A": ["value": "1", "report_events": true]]
            )
            return false
        }
        let (near, far) = ("call-\(calls)", "call-\(calls);2")
        let bridge = try await client.bridges.createWithID("room", type: "mixing", name: "Room")
        #expect(bridge.name == "Room" && bridge.channels.isEmpty)
        try await eventually { (try? await client.bridges.addChannel("room", channel: [far])) != nil }
        #expect(try await client.bridges.get("room").channels == [far])
        #expect(try await client.channels.list().map(\.id).contains(far))
        try await client.channels.setChannelVar(far, variable: "B", value: "2", reportEvents: true)
        #expect(try await client.channels.getChannelVar(far, variable: "B").value == "2")
        let playback = try await client.bridges.playWithID("room", playbackID: "p", media: ["tone:ring"])
        #expect(playback.targetURI == "bridge:room")
        try await client.playbacks.stop("p")
        let recording = try await client.bridges.record("room", name: "r", format: "wav", ifExists: .overwrite)
        #expect(recording.name == "r")
        try await eventually { (try? await client.recordings.getLive("r")) != nil }
        try await client.recordings.cancel("r")
        try await client.bridges.destroy("room")
        try await client.channels.hangup(near, reason: .normal)
        let error = await #expect(throws: ARIError.self) { try await client.channels.get("nobody") }
        #expect(error?.status == 404)
        return near
    }
}
