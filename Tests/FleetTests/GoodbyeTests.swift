import ARI
import Fleet
import Testing

@Suite("Goodbye for a node that is lost")
struct GoodbyeTests {
    @Test("a channel leaves its bridge, its application and the world; legs and strangers say nothing")
    func order() {
        var mirror = NodeMirror(incarnation: "1")
        for channel in [Channel.made("a"), .made("dialplan"), .made("ast1-leg-x")] {
            mirror.apply(.made("ChannelCreated", channel: channel))
        }
        mirror.apply(.made("StasisStart", to: "conference", channel: .made("a")))
        mirror.apply(.made("ChannelEnteredBridge", channel: .made("a"), bridge: .made("room", ["a"])))
        let farewells = Goodbye.events(
            of: mirror,
            entityID: "02:00:00:00:00:01",
            timestamp: "now",
            bridge: { _ in .made("room", ["b"]) },
            encode: { value in .string("\(type(of: value))") }
        )
        #expect(farewells.map { $0.event["type"]?.string } == ["ChannelLeftBridge", "StasisEnd", "ChannelDestroyed"])
        #expect(farewells.allSatisfy { $0.application == "conference" })
        #expect(farewells.allSatisfy { $0.event["asterisk_id"] == "02:00:00:00:00:01" })
        #expect(farewells.last?.event["cause"] == 38)
    }
}
