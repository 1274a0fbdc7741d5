import ARI
import Testing

@testable import Applicationd

/// What events of ARI mean to clients, as a table of what is announced.
@Suite("The chronicle")
struct ChronicleTests {
    private static let application = Fixtures.application

    private func chronicle() -> Chronicle {
        var chronicle = Chronicle()
        chronicle.applications = [Self.application: ApplicationRecord(name: "test", tenant: "t")]
        return chronicle
    }

    /// Takes events in and returns the names announced.
    private func names(
        _ chronicle: inout Chronicle,
        _ events: [(String, [String: JSONValue])]
    ) throws -> [String] {
        try events.flatMap { try Self.names(chronicle.take(Fixtures.event($0.0, $0.1))) }
    }

    private static func names(_ directives: [Chronicle.Directive]) -> [String] {
        directives.compactMap { if case .announce(let announcement) = $0 { announcement.name } else { nil } }
    }

    private static let a: JSONValue = Fixtures.channel("a")
    private static let up: JSONValue = Fixtures.channel("a", state: "Up")
    private static func start(_ channel: JSONValue = a, _ arguments: [String] = []) -> (String, [String: JSONValue]) {
        ("StasisStart", ["channel": channel, "args": .array(arguments.map { .string($0) })])
    }
    private static func bridge(_ type: String, _ channels: [String], id: String = "n") -> (String, [String: JSONValue])
    {
        (type, ["bridge": Fixtures.bridge(id, name: application, channels), "channel": a])
    }
    private static func set(_ variable: String, _ value: String) -> (String, [String: JSONValue]) {
        ("ChannelVarset", ["channel": a, "variable": .string(variable), "value": .string(value)])
    }
    private static func playback(_ type: String, _ state: String) -> (String, [String: JSONValue]) {
        (type, ["playback": Fixtures.playback("p", "sound:x", channel: "a", state: state)])
    }

    @Test(
        "a call that enters is announced by how it came, once",
        arguments: [
            ([], ["user_outgoing_call_created", "application_user_outgoing_call_created"]),
            (["incoming"], ["application_call_entered"]),
            (["originate"], ["application_call_initiated"]),
            (["snoop", "s"], ["application_call_entered"]),
        ]
    )
    func entry(arguments: [String], expected: [String]) throws {
        var chronicle = chronicle()
        #expect(try names(&chronicle, [Self.start(Self.a, arguments), Self.start(Self.a, arguments)]) == expected)
        #expect(chronicle.call("a", of: Self.application)?.tenantUUID == "t")
    }

    @Test(
        "a channel that is nobody's call is not announced",
        arguments: [
            Fixtures.channel("originate-x;2", name: "Local/1@default-1;2"),
            Fixtures.channel("snoop-11111111-2222-3333-4444-555555555555-1", name: "Snoop/a-1"),
        ]
    )
    func hidden(channel: JSONValue) throws {
        var chronicle = chronicle()
        #expect(try names(&chronicle, [Self.start(channel), ("StasisEnd", ["channel": channel])]).isEmpty)
    }

    @Test("a call placed for a node is announced and joins it")
    func join() throws {
        var chronicle = chronicle()
        let channel = Fixtures.channel("originate-1", name: "Local/1@default-1;1", state: "Up")
        let directives = chronicle.take(
            try Fixtures.event("StasisStart", ["channel": channel, "args": ["originate", "n"]])
        )
        #expect(directives.last == .join(call: "originate-1", node: "n", application: Self.application))
        #expect(chronicle.call("originate-1", of: Self.application)?.isCaller == false)
    }

    @Test("the rest of a call's life")
    func life() throws {
        var chronicle = chronicle()
        _ = try names(&chronicle, [Self.start()])
        let expected: [((String, [String: JSONValue]), [String])] = [
            (("ChannelStateChange", ["channel": Self.up]), ["application_call_answered"]),
            (("ChannelStateChange", ["channel": Self.up]), []),
            (("ChannelDtmfReceived", ["channel": Self.up, "digit": "5"]), ["application_call_dtmf_received"]),
            (Self.set("WAZO_CALL_MUTED", "1"), ["application_call_updated"]),
            (Self.set("WAZO_CALL_MUTED", "1"), []),
            (Self.set("WAZO_CALL_MUTED", ""), ["application_call_updated"]),
            (Self.set("XIVO_ON_HOLD", "1"), ["application_call_updated"]),
            (Self.set("WAZO_MOH_UUID", "default"), ["application_call_updated"]),
            (Self.set("X_WAZO_COLOUR", "blue"), ["application_call_updated"]),
            (Self.set("BRIDGEPEER", "PJSIP/x"), []),
            (Self.set("WAZO_CALL_PROGRESS", "1"), ["application_progress_started"]),
            (Self.set("WAZO_CALL_PROGRESS", ""), ["application_progress_stopped"]),
            (Self.playback("PlaybackStarted", "playing"), ["application_playback_created"]),
            (Self.playback("PlaybackContinuing", "continuing"), []),
            (Self.playback("PlaybackFinished", "done"), ["application_playback_deleted"]),
            (("StasisEnd", ["channel": Self.up]), ["application_call_deleted"]),
            (("ChannelDestroyed", ["channel": Self.up]), []),
        ]
        for (event, announced) in expected { #expect(try names(&chronicle, [event]) == announced, "\(event)") }
    }

    @Test("what concerns no call of the application says nothing")
    func foreign() throws {
        var chronicle = chronicle()
        #expect(
            try names(
                &chronicle,
                [
                    ("ChannelStateChange", ["channel": Self.up]),
                    ("ChannelDtmfReceived", ["channel": Self.a, "digit": "1"]),
                    Self.set("WAZO_CALL_MUTED", "1"), Self.playback("PlaybackStarted", "playing"),
                    ("StasisEnd", ["channel": Self.a]),
                    (
                        "ChannelEnteredBridge",
                        ["bridge": Fixtures.bridge("x", name: "other", ["a"]), "channel": Self.a]
                    ),
                ]
            ).isEmpty
        )
    }

    @Test("a node is made, filled, emptied and ends")
    func node() throws {
        var chronicle = chronicle()
        _ = try names(&chronicle, [Self.start()])
        #expect(
            try names(&chronicle, [Self.bridge("ChannelEnteredBridge", ["a"])]) == [
                "application_node_created", "application_node_updated", "application_call_updated",
            ]
        )
        #expect(chronicle.call("a", of: Self.application)?.nodeUUID == "n")
        #expect(
            try names(&chronicle, [Self.bridge("ChannelLeftBridge", [])]) == [
                "application_node_updated", "application_call_updated",
            ]
        )
        #expect(chronicle.call("a", of: Self.application)?.nodeUUID == nil)
        #expect(try names(&chronicle, [Self.bridge("BridgeDestroyed", [])]) == ["application_node_deleted"])
        #expect(try names(&chronicle, [Self.bridge("ChannelEnteredBridge", ["a"])]) == [], "late events revive nothing")
    }

    @Test("a node is announced by its record when no call is in it, and once")
    func records() throws {
        var chronicle = chronicle()
        func follow(_ records: [String: String]) -> [String] {
            Self.names(chronicle.follow(nodes: records, of: Self.application))
        }
        #expect(follow(["n": "1"]) == ["application_node_created"])
        #expect(follow(["n": "1", "m": "1"]) == ["application_node_created"])
        #expect(follow(["m": "1"]) == ["application_node_deleted"])
        #expect(follow(["m": "1"]) == [])
    }

    @Test("a record older than an event takes nothing back")
    func staleRecords() throws {
        var chronicle = chronicle()
        _ = try names(&chronicle, [Self.start(), Self.bridge("ChannelEnteredBridge", ["a"])])
        #expect(chronicle.follow(nodes: [:], of: Self.application) == [], "the record is on its way")
        _ = chronicle.follow(nodes: ["n": "1"], of: Self.application)
        _ = try names(&chronicle, [Self.bridge("BridgeDestroyed", [])])
        #expect(chronicle.follow(nodes: ["n": "1"], of: Self.application) == [], "its end is on its way")
        #expect(
            Self.names(chronicle.follow(nodes: ["n": "2"], of: Self.application)) == ["application_node_created"],
            "another of the same name"
        )
    }

    @Test("a snoop lives by its record and ends with either call or its channel")
    func snoops() throws {
        var chronicle = chronicle()
        let uuid = "11111111-2222-3333-4444-555555555555"
        var record = SnoopRecord(
            snoop: Snoop(uuid: uuid, snoopedCallID: "a", snoopingCallID: "b", whisperMode: .none),
            channel: "snoop-\(uuid)-1"
        )
        _ = try names(&chronicle, [Self.start()])
        func follow(_ records: [String: SnoopRecord]) -> [String] {
            Self.names(chronicle.follow(snoops: records, of: Self.application))
        }
        #expect(follow([uuid: record]) == ["application_snoop_created"])
        let shown = chronicle[Self.application]
        #expect(shown.calls["a"].map { shown.shown($0).snoops[uuid]?.role } == "snooped")
        record.snoop.whisperMode = .both
        record.channel = "snoop-\(uuid)-2"
        #expect(follow([uuid: record]) == ["application_snoop_updated"])
        let former = Fixtures.channel("snoop-\(uuid)-1", name: "Snoop/a-1")
        #expect(chronicle.take(try Fixtures.event("StasisEnd", ["channel": former])) == [])
        let current = Fixtures.channel("snoop-\(uuid)-2", name: "Snoop/a-2")
        #expect(
            chronicle.take(try Fixtures.event("StasisEnd", ["channel": current])) == [
                .endSnoop(uuid, application: Self.application, channel: "snoop-\(uuid)-2")
            ]
        )
        #expect(
            chronicle.take(try Fixtures.event("StasisEnd", ["channel": Self.a])).last
                == .endSnoop(uuid, application: Self.application)
        )
        #expect(follow([:]) == ["application_snoop_deleted"])
    }

    @Test("a list says what events did not")
    func lists() throws {
        var chronicle = chronicle()
        _ = try names(&chronicle, [Self.start(), Self.bridge("ChannelEnteredBridge", ["a"])])
        let channels = [
            Fixtures.channel("b", state: "Up", stasis: [Self.application, "incoming"]),
            Fixtures.channel("c", stasis: ["other"]),
            Fixtures.channel("originate-1", name: "Local/1@default-1;1", state: "Down"),
            Fixtures.channel("originate-2", name: "Local/1@default-2;1", state: "Up"),
        ]
        let announced = Self.names(
            chronicle.resynchronise(
                Self.application,
                channels: try channels.map { try Fixtures.model(Channel.self, $0) },
                bridges: [try Fixtures.model(Bridge.self, Fixtures.bridge("m", name: Self.application, ["b"]))]
            )
        )
        #expect(
            announced == [
                "application_node_updated", "application_call_deleted", "application_call_entered",
                "application_call_initiated", "application_node_deleted", "application_node_created",
                "application_node_updated", "application_call_updated",
            ]
        )
        let again = chronicle.resynchronise(
            Self.application,
            channels: try channels.map { try Fixtures.model(Channel.self, $0) },
            bridges: [try Fixtures.model(Bridge.self, Fixtures.bridge("m", name: Self.application, ["b"]))]
        )
        #expect(again == [], "the same list says nothing new")
    }

    @Test("another instance learns all of it from what is announced, and would announce nothing twice")
    func learning() throws {
        var leader = chronicle()
        var follower = chronicle()
        let events: [(String, [String: JSONValue])] = [
            Self.start(), ("ChannelStateChange", ["channel": Self.up]), Self.set("WAZO_CALL_MUTED", "1"),
            Self.bridge("ChannelEnteredBridge", ["a"]), Self.playback("PlaybackStarted", "playing"),
            Self.start(Fixtures.channel("b"), ["incoming"]), ("StasisEnd", ["channel": Fixtures.channel("b")]),
        ]
        for (type, members) in events {
            for case .announce(let announcement) in leader.take(try Fixtures.event(type, members)) {
                follower.learn(announcement.event(origin: "o", tenant: "t", timestamp: ""))
            }
        }
        #expect(follower == leader)
        var again = follower
        for (type, members) in events.prefix(5) {
            #expect(again.take(try Fixtures.event(type, members)) == [], "\(type)")
        }
    }

    @Test("what is no longer registered is forgotten")
    func forgotten() throws {
        var chronicle = chronicle()
        _ = try names(&chronicle, [Self.start()])
        chronicle.applications = [:]
        #expect(chronicle.chapters.isEmpty)
    }
}
