import Fleet
import Testing

@Suite("Where an ARI request goes")
struct RequestRouteTests {
    @Test(
        "a route follows from method and path",
        arguments: [
            ("GET", "/ari/channels", RequestRoute.merged(.channels)),
            ("POST", "/ari/channels?endpoint=PJSIP/a", .originate(id: nil, anchor: nil)),
            ("POST", "/ari/channels?channelId=x", .originate(id: "x", anchor: nil)),
            ("POST", "/ari/channels/x?endpoint=PJSIP/a", .originate(id: "x", anchor: nil)),
            ("POST", "/ari/channels/create?originator=y", .originate(id: nil, anchor: "y")),
            ("POST", "/ari/channels/externalMedia", .originate(id: nil, anchor: nil)),
            ("GET", "/ari/channels/ast1-1.1", .channel("ast1-1.1")),
            ("DELETE", "/ari/channels/ast1-1.1", .channel("ast1-1.1")),
            ("POST", "/ari/channels/a%2Fb/answer", .channel("a/b")),
            ("POST", "/ari/channels/x/play", .channel("x")),
            ("POST", "/ari/channels/x/mute?direction=in", .treat(channel: "x", notes: [.mutedIn: "on"])),
            ("DELETE", "/ari/channels/x/moh", .treat(channel: "x", notes: [.music: ""])),
            ("POST", "/ari/channels/x/play/p", .playOnChannel(channel: "x", playback: "p")),
            ("POST", "/ari/channels/x/snoop/s", .channel("x")),
            ("DELETE", "/ari/playbacks/p", .playback("p")),
            ("POST", "/ari/playbacks/p/control", .playback("p")),
            ("POST", "/ari/recordings/live/r/stop", .recording("r")),
            ("GET", "/ari/recordings/stored", .union(.storedRecordings)),
            ("GET", "/ari/recordings/stored/a%2Fb/file", .storedRecording("a/b")),
            ("POST", "/ari/recordings/stored/r/copy?destinationRecordingName=s", .copyRecording("r", to: "s")),
            ("DELETE", "/ari/recordings/stored/r", .everywhere(EverywhereRequest(suffices: true))),
            ("POST", "/ari/channels/x/record?name=r&format=wav", .recordOnChannel(channel: "x", unique: "r")),
            ("POST", "/ari/channels/x/record?name=r&ifExists=append", .recordOnChannel(channel: "x", unique: nil)),
            ("GET", "/ari/bridges", .merged(.bridges)),
            ("POST", "/ari/bridges?bridgeId=b", .bridge(.create(id: "b"))),
            ("POST", "/ari/bridges/b", .bridge(.create(id: "b"))),
            ("GET", "/ari/bridges/b", .bridge(.show(id: "b"))),
            ("DELETE", "/ari/bridges/b", .bridge(.destroy(id: "b"))),
            ("POST", "/ari/bridges/b/addChannel?channel=x", .bridge(.addChannel(id: "b"))),
            ("POST", "/ari/bridges/b/removeChannel", .bridge(.removeChannel(id: "b"))),
            ("POST", "/ari/bridges/b/play/p", .bridge(.atHome(id: "b", playback: "p"))),
            ("POST", "/ari/bridges/b/videoSource/c", .bridge(.videoSource(id: "b", channel: "c"))),
            ("DELETE", "/ari/bridges/b/videoSource", .bridge(.videoSource(id: "b", channel: nil))),
            ("POST", "/ari/bridges/b/moh", .bridge(.atHome(id: "b", playback: nil))),
            ("GET", "/ari/applications", .merged(.applications)),
            ("GET", "/ari/applications/a", .merged(.application("a"))),
            (
                "POST", "/ari/applications/a/subscription?eventSource=channel:c,bridge:b",
                .subscription(application: "a", sources: ["channel:c", "bridge:b"], isWanted: true)
            ),
            (
                "DELETE", "/ari/applications/a/subscription",
                .subscription(application: "a", sources: [], isWanted: false)
            ),
            ("PUT", "/ari/applications/a/eventFilter", .eventFilter(application: "a")),
            ("GET", "/ari/endpoints/PJSIP/alice", .union(.endpoints)),
            ("PUT", "/ari/endpoints/PJSIP/alice/sendMessage", .any),
            ("GET", "/ari/deviceStates", .union(.deviceStates)),
            (
                "PUT", "/ari/deviceStates/Stasis:a",
                .everywhere(EverywhereRequest(memory: .remember("deviceStates/Stasis:a")))
            ),
            (
                "DELETE", "/ari/deviceStates/Stasis:a",
                .everywhere(EverywhereRequest(memory: .forget("deviceStates/Stasis:a")))
            ),
            ("GET", "/ari/sounds/beep", .union(.sounds)),
            ("GET", "/ari/asterisk/info", .info),
            ("GET", "/ari/asterisk/modules", .union(.modules)),
            ("GET", "/ari/asterisk/logging", .union(.logChannels)),
            ("GET", "/ari/asterisk/variable?variable=a", .any),
            (
                "POST", "/ari/asterisk/variable?variable=a&value=1",
                .everywhere(EverywhereRequest(memory: .remember("variable/a")))
            ),
            ("PUT", "/ari/asterisk/modules/m.so", .everywhere(EverywhereRequest())),
            ("POST", "/ari/asterisk/logging/l", .everywhere(EverywhereRequest(memory: .remember("logging/l")))),
            ("DELETE", "/ari/asterisk/logging/l", .everywhere(EverywhereRequest(memory: .forget("logging/l")))),
            ("PUT", "/ari/asterisk/logging/l/rotate", .everywhere(EverywhereRequest())),
            (
                "PUT", "/ari/asterisk/config/dynamic/a/b/c",
                .everywhere(EverywhereRequest(memory: .remember("config/dynamic/a/b/c")))
            ),
            ("POST", "/ari/events/user/e?source=channel:x", .userEvent(sources: ["channel:x"])),
            ("POST", "/ari/events/claim?channelId=x", .channel("x")),
            ("GET", "/ari/asterisk/ping", .any),
            ("GET", "/ari/events?app=a", .events),
        ]
    )
    func routes(method: String, target: String, route: RequestRoute) throws {
        let request = try #require(ARIRequest(method: method, target: target, prefix: "/ari"))
        #expect(RequestRoute(request) == route)
    }

    @Test("a node that the client names is asked, except for bridges, which belong to the fleet")
    func namedNode() throws {
        let ping = try #require(ARIRequest(method: "GET", target: "/ari/asterisk/info", prefix: "/ari", node: "ast2"))
        #expect(RequestRoute(ping) == .node("ast2"))
        let fleet = ARIRequest(method: "GET", path: ["asterisk", "info"], node: FleetIdentity.id)
        #expect(RequestRoute(fleet) == .info)
        let bridge = try #require(ARIRequest(method: "GET", target: "/ari/bridges/b", prefix: "/ari", node: "ast2"))
        #expect(RequestRoute(bridge) == .bridge(.show(id: "b")))
    }

    @Test(
        "what would end an Asterisk is refused, and only that",
        arguments: [
            ("POST", "/ari/bridges/b/record?name=a", false), ("POST", "/ari/bridges/b/record?name=a&format=", false),
            ("POST", "/ari/bridges/b/record?name=a&format=wav", true),
            ("POST", "/ari/bridges/b/variable?value=a", false),
            ("POST", "/ari/channels/c/variable", false), ("POST", "/ari/bridges/b/variable?variable=", true),
            ("POST", "/ari/channels/c/move", false), ("POST", "/ari/channels/c/move?app=a", true),
            ("GET", "/ari/bridges/b/variable", true), ("POST", "/ari/bridges/b/variables", true),
        ]
    )
    func fatal(method: String, target: String, isLetThrough: Bool) throws {
        let request = try #require(ARIRequest(method: method, target: target, prefix: "/ari"))
        #expect((FatalRequest.fault(in: request) == nil) == isLetThrough)
    }

    @Test("what is not below the prefix is no ARI request", arguments: ["/", "/ari", "/arix/channels", "/fleet/nodes"])
    func foreign(target: String) { #expect(ARIRequest(method: "GET", target: target, prefix: "/ari") == nil) }

    @Test("parameters are decoded, repeated ones joined")
    func parameters() {
        #expect(
            ARIRequest.parameters("a=1&b=x%20y+z&channel=c1&channel=c2&flag") == [
                "a": "1", "b": "x y z", "channel": "c1,c2", "flag": "",
            ]
        )
    }
}
