import ARI
import Fleet
import Foundation
import Testing

@Suite("A group of workers that share calls")
struct WorkerGroupTests {
    /// A group that can be changed within an expectation.
    private final class Group {
        private var group = WorkerGroup<String>()

        func join(_ worker: String) { group.join(worker) }
        func leave(_ worker: String) -> [String: Set<String>] { group.leave(worker) }
        func give(_ channel: String, to worker: String) -> Bool { group.give(channel, to: worker) }
        func takeBack(_ channel: String) { group.takeBack(channel) }
        func hearers(of subjects: CallSubjects) -> [String] { group.hearers(of: subjects) }
        func load(of worker: String) -> Int { group.load(of: worker) }
        func owner(ofChannel id: String) -> String? { group.owner(ofChannel: id) }
    }

    private static func group(_ workers: String...) -> Group {
        let group = Group()
        for worker in workers { group.join(worker) }
        return group
    }

    private static func subjects(_ type: String, _ channel: String? = nil, bridge: (String, [String])? = nil)
        -> CallSubjects
    {
        CallSubjects(
            .made(type, to: "app", channel: channel.map { .made($0) }, bridge: bridge.map { .made($0.0, $0.1) })
        )
    }

    @Test("each new call goes to the worker with the fewest, and an ended one is no load")
    func load() {
        let group = Self.group("a", "b")
        let first = ["1", "2", "3"].map { group.hearers(of: Self.subjects("StasisStart", $0)) }
        #expect(first == [["a"], ["b"], ["a"]])
        _ = group.hearers(of: Self.subjects("StasisEnd", "1"))
        _ = group.hearers(of: Self.subjects("ChannelDestroyed", "3"))
        #expect(group.load(of: "a") == 0)
        let later = ["4", "5"].map { group.hearers(of: Self.subjects("StasisStart", $0)) }
        #expect(later == [["a"], ["b"]], "and of equally loaded ones to who was given fewer")
    }

    @Test("what comes before a call enters decides whose it is, and what comes after its end follows it")
    func wholeLife() {
        let group = Self.group("a", "b")
        let life = ["ChannelStateChange", "StasisStart", "ChannelDtmfReceived", "StasisEnd", "ChannelDestroyed"]
        _ = group.hearers(of: Self.subjects("StasisStart", "other"))
        let heard = life.map { group.hearers(of: Self.subjects($0, "1")) }
        #expect(heard == Array(repeating: ["b"], count: life.count))
    }

    @Test("a bridge's events go to those who have a call in it, and its end to the last of them")
    func bridges() {
        let group = Self.group("a", "b", "c")
        for channel in ["1", "2"] { _ = group.hearers(of: Self.subjects("StasisStart", channel)) }
        let entered = group.hearers(of: Self.subjects("ChannelEnteredBridge", "1", bridge: ("room", ["1"])))
        #expect(entered == ["a"])
        let second = group.hearers(of: Self.subjects("ChannelEnteredBridge", "2", bridge: ("room", ["1", "2"])))
        #expect(Set(second) == ["a", "b"])
        _ = group.hearers(of: Self.subjects("ChannelLeftBridge", "1", bridge: ("room", ["2"])))
        _ = group.hearers(of: Self.subjects("ChannelLeftBridge", "2", bridge: ("room", [])))
        let destroyed = group.hearers(of: Self.subjects("BridgeDestroyed", bridge: ("room", [])))
        #expect(destroyed == ["b"])
    }

    @Test("a playback follows what it is played to", arguments: [("channel:1", "a"), ("bridge:room", "b")])
    func playbacks(target: String, worker: String) throws {
        let group = Self.group("a", "b")
        for channel in ["1", "2"] { _ = group.hearers(of: Self.subjects("StasisStart", channel)) }
        _ = group.hearers(of: Self.subjects("ChannelEnteredBridge", "2", bridge: ("room", ["2"])))
        let json = """
            {"type": "PlaybackStarted", "application": "app",
             "playback": {"id": "p", "media_uri": "sound:x", "target_uri": "\(target)", "state": "playing"}}
            """
        let event = try JSONDecoder().decode(Event.self, from: Data(json.utf8))
        #expect(group.hearers(of: CallSubjects(event)) == [worker])
    }

    @Test("what is about no call is heard by all")
    func all() {
        let group = Self.group("a", "b")
        #expect(group.hearers(of: Self.subjects("DeviceStateChanged")) == ["a", "b"])
    }

    @Test("a channel that replaces another goes to its worker")
    func replaced() {
        let group = Self.group("a", "b")
        for channel in ["1", "2", "3"] { _ = group.hearers(of: Self.subjects("StasisStart", channel)) }
        var event = Event.made("StasisStart", to: "app", channel: .made("new"))
        event.replacedChannel = .made("1")
        #expect(group.hearers(of: CallSubjects(event)) == ["a"])
        #expect(group.owner(ofChannel: "new") == "a")
    }

    @Test("the calls of a worker that vanishes are shared by the others; an ended call is nobody's")
    func vanished() {
        let group = Self.group("a", "b", "c")
        for number in 1...9 { _ = group.hearers(of: Self.subjects("StasisStart", "\(number)")) }
        _ = group.hearers(of: Self.subjects("StasisEnd", "1"))
        let taken = group.leave("a")
        #expect(taken.mapValues(\.count) == ["b": 1, "c": 1], "4 and 7: \(taken)")
        #expect(["b", "c"].map { group.load(of: $0) } == [4, 4])
        for (worker, channels) in taken {
            for channel in channels {
                #expect(group.hearers(of: Self.subjects("ChannelDtmfReceived", channel)) == [worker])
            }
        }
        #expect(group.leave("a").isEmpty, "it is gone already")
        _ = group.leave("b")
        let last = group.leave("c")
        #expect(last.isEmpty)
        #expect(group.hearers(of: Self.subjects("StasisStart", "10")).isEmpty)
    }

    @Test("both halves of a Local channel are one worker's, and a node's names are its own")
    func locals() {
        let group = Self.group("a", "b")
        func hearers(_ type: String, _ channel: String, _ name: String, on node: String) -> [String] {
            var event = Event.made(type, to: "app", channel: .made(channel, name: name))
            event.asteriskID = node
            return group.hearers(of: CallSubjects(event))
        }
        let heard = [
            hearers("ChannelDialplan", "1", "Local/9999@default-00000001;2", on: "x"),
            hearers("StasisStart", "2", "Local/9999@default-00000001;1", on: "x"),
            hearers("ChannelDialplan", "3", "Local/9999@default-00000001;2", on: "y"),
            hearers("StasisStart", "4", "Local/9999@default-00000001;1", on: "y"),
        ]
        #expect(heard == [["a"], ["a"], ["b"], ["b"]])
        #expect(["a", "b"].map { group.load(of: $0) } == [1, 1], "a call counts once")
        #expect(group.leave("b") == ["a": ["4"]])
        group.join("c")
        #expect(hearers("ChannelDestroyed", "3", "Local/9999@default-00000001;2", on: "y") == ["a"], "it goes along")
    }

    @Test("the second half of a Local channel that a worker has made is its own, also when it is heard of first")
    func secondHalf() {
        let group = Self.group("a", "b")
        _ = group.give("call", to: "b")
        for (channel, half) in [("call;2", 2), ("call", 1)] {
            var event = Event.made("ChannelDialplan", to: "app", channel: .made(channel, name: "Local/9@x-1;\(half)"))
            event.asteriskID = "x"
            #expect(group.hearers(of: CallSubjects(event)) == ["b"], "\(channel)")
        }
    }

    @Test("calls that come in a burst are shared before any of them has entered")
    func burst() {
        let group = Self.group("a", "b")
        let heard = (1...4).map { group.hearers(of: Self.subjects("ChannelStateChange", "\($0)")) }
        #expect(heard == [["a"], ["b"], ["a"], ["b"]])
    }

    @Test("a call that its worker made is its own whatever the load, until it failed")
    func given() {
        let group = Self.group("a", "b")
        #expect(group.give("mine", to: "b"))
        #expect(!group.give("mine", to: "a"), "it has its worker")
        #expect(!group.give("other", to: "stranger"))
        #expect(group.hearers(of: Self.subjects("ChannelStateChange", "mine")) == ["b"])
        group.takeBack("mine")
        #expect(group.load(of: "b") == 0)
        #expect(group.hearers(of: Self.subjects("StasisStart", "mine")) == ["a"])
    }

    @Test("whatever ended long ago is forgotten, whatever is there is not")
    func bounded() {
        let group = Self.group("a", "b")
        _ = group.hearers(of: Self.subjects("StasisStart", "lasting"))
        for number in 0..<10_000 {
            _ = group.hearers(of: Self.subjects("StasisStart", "\(number)"))
            _ = group.hearers(of: Self.subjects("StasisEnd", "\(number)"))
            _ = group.hearers(of: Self.subjects("ChannelStateChange", "never entered \(number)"))
        }
        #expect(group.owner(ofChannel: "0") == nil)
        #expect(group.owner(ofChannel: "9999") != nil)
        #expect(group.owner(ofChannel: "never entered 0") == nil)
        #expect(group.owner(ofChannel: "lasting") == "a")
    }
}

@Suite("A channel that a request makes")
struct NewCallTests {
    @Test(
        "its application, its id and the call it belongs to",
        arguments: [
            ("POST", "/ari/channels?app=x&endpoint=Local/1", NewCall("x")),
            ("POST", "/ari/channels?app=x&channelId=c&originator=o", NewCall("x", "c", "o")),
            ("POST", "/ari/channels/c?app=x&otherChannelId=o", NewCall("x", "c", "o")),
            ("POST", "/ari/channels/create?app=x&originator=o", NewCall("x", nil, "o")),
            ("POST", "/ari/channels/externalMedia?app=x&channelId=c", NewCall("x", "c")),
            ("POST", "/ari/channels/o/snoop?app=x", NewCall("x", nil, "o", "snoopId")),
            ("POST", "/ari/channels/o/snoop?app=x&snoopId=c", NewCall("x", "c", "o", "snoopId")),
            ("POST", "/ari/channels/o/snoop/c?app=x", NewCall("x", "c", "o", "snoopId")),
            ("POST", "/ari/channels/o/move?app=x", nil),
            ("POST", "/ari/channels?endpoint=Local/1", nil),
            ("GET", "/ari/channels?app=x", nil),
            ("POST", "/ari/bridges/b/play?app=x", nil),
        ]
    )
    func requests(method: String, target: String, call: NewCall?) throws {
        let request = try #require(ARIRequest(method: method, target: target, prefix: "/ari"))
        #expect(NewCall(request) == call)
    }
}

extension NewCall {
    fileprivate init(_ application: String, _ channel: String? = nil, _ of: String? = nil, _ by: String = "channelId") {
        self.init(application: application, channel: channel, related: of, idParameter: by)
    }
}
