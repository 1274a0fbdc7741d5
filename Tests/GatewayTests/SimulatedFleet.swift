import ARI
import EventBus
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix
import Registry
import Synchronization

/// Nodes that speak the few ARI operations that fleet bridges need, with their events on a bus: legs between them arrive, enter
/// Stasis and hang up as on Asterisk.
final class SimulatedFleet: Sendable {
    struct Node: Sendable {
        var channels: [String: JSONValue] = [:]
        var bridges: [String: [String]] = [:]
        var applications: Set<String> = ["asterism"]
        /// Bridge -> the class of its music on hold.
        var music: [String: String] = [:]
        /// Channel -> what was set on it.
        var variables: [String: [String: String]] = [:]
        /// Channel -> how it was put into its bridge.
        var options: [String: [String: String]] = [:]
        /// Channel -> how it was muted and unmuted.
        var treated: [String: [String]] = [:]
        /// Where phones were asked to call.
        var referrals: [String] = []
        var sequence: UInt64 = 0
        /// Whether its events are lost on their way.
        var isUnheard = false
        var manner = Manner.plain
        /// Whether requests wait for their answers.
        var isSilent = false
        /// Requests that have waited.
        var unanswered = 0
    }

    /// How a node answers requests.
    enum Manner: CaseIterable {
        case plain
        /// Without saying how long an answer is: in chunks.
        case chunked
        /// Closing the connection after each answer.
        case closing
    }

    let bus: EmbeddedBus
    /// Whether phones call again when they are asked to. None takes a call that replaces the one it has.
    let followsReferrals: Bool
    private let nodes = Mutex<[String: Node]>([:])
    private let outbox: AsyncStream<BusEvent>.Continuation
    private let publishing: Task<Void, Never>
    /// When each leg was dialled.
    private let dialled = Mutex<[ContinuousClock.Instant]>([])
    private let servers = Mutex<[any NIOCore.Channel]>([])

    init(bus: EmbeddedBus, followsReferrals: Bool = false) {
        self.bus = bus
        self.followsReferrals = followsReferrals
        let (events, outbox) = AsyncStream.makeStream(of: BusEvent.self)
        self.outbox = outbox
        publishing = Task { for await event in events { try? await bus.publish(event) } }
    }

    /// Starts a node and returns its record.
    func add(_ name: String) async throws -> NodeRecord {
        nodes.withLock { $0[name] = Node() }
        let server = try await FreePort.listen(
            ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(SimulatedNodeHandler(node: name, fleet: self))
                }
            }
        )
        servers.withLock { $0.append(server) }
        return NodeRecord(
            name: name,
            id: "02:00:00:00:00:0\(name.suffix(1))",
            nickname: name,
            sip: HostPort(host: "127.0.0.1", port: 5071),
            ari: HostPort(host: "127.0.0.1", port: server.localAddress?.port ?? 0),
            ariCredentials: Credentials(user: "u", password: "p"),
            incarnation: "1",
            health: .passing
        )
    }

    func stop() async {
        outbox.finish()
        publishing.cancel()
        for server in servers.withLock({ $0 }) { try? await server.close().get() }
    }

    func answer(in manner: Manner, on node: String) { nodes.withLock { $0[node]?.manner = manner } }

    /// A node knows an application.
    func register(_ application: String, on node: String) {
        nodes.withLock { _ = $0[node]?.applications.insert(application) }
    }

    /// Requests wait for their answers until it speaks again.
    func fallSilent(_ node: String) { nodes.withLock { $0[node]?.isSilent = true } }

    func speakAgain(_ node: String) { nodes.withLock { $0[node]?.isSilent = false } }

    /// Notes that a request waits.
    func wait(on node: String) { nodes.withLock { $0[node]?.unanswered += 1 } }

    func node(_ name: String) -> Node { nodes.withLock { $0[name] ?? Node() } }

    /// When legs were dialled.
    var dials: [ContinuousClock.Instant] { dialled.withLock { $0 } }

    /// Music begins in a node's part of a bridge, of which no gateway knows.
    func play(_ music: String, in bridge: String, on node: String) {
        nodes.withLock { $0[node]?.music[bridge] = music }
    }

    /// The ends of legs on all nodes.
    var legEnds: [String] {
        nodes.withLock { $0.values.flatMap(\.channels.keys).filter { $0.contains("leg-") }.sorted() }
    }

    /// A caller comes in and enters an application.
    func call(_ id: String, on node: String, application: String) {
        nodes.withLock { nodes in
            create(id, on: node, application: application, &nodes)
            say("StasisStart", to: application, ["channel": nodes[node]?.channels[id] ?? .null], node, &nodes)
        }
    }

    /// What happens meanwhile on a node is counted, and nobody hears of it.
    func unheard(on node: String, _ happens: () -> Void) {
        nodes.withLock { $0[node]?.isUnheard = true }
        happens()
        nodes.withLock { $0[node]?.isUnheard = false }
    }

    /// A node tells an application of a channel that takes the place of another.
    func tell(_ type: String, of id: String, replacing former: String, on node: String, to application: String) {
        nodes.withLock { nodes in
            if nodes[node]?.channels[id] == nil { create(id, on: node, &nodes) }
            nodes[node]?.channels[id]?["channelvars"] = [CallMove.variable: .string(former)]
            say(type, to: application, ["channel": nodes[node]?.channels[id] ?? .null], node, &nodes)
        }
    }

    /// A node tells an application of a channel.
    func tell(_ type: String, of id: String, on node: String, to application: String) {
        nodes.withLock { nodes in
            say(type, to: application, ["channel": nodes[node]?.channels[id] ?? .null], node, &nodes)
        }
    }

    /// What is played in a bridge comes to its end.
    func finish(_ playback: String, in bridge: String, on node: String) {
        nodes.withLock { nodes in
            say("PlaybackFinished", to: "asterism", ["playback": Self.playback(playback, bridge)], node, &nodes)
        }
    }

    /// Somebody calls a number at the edge that names a node.
    func dial(_ number: String) { nodes.withLock { callAgain(number, &$0) } }

    /// A caller hangs up.
    func end(_ id: String, on node: String) { nodes.withLock { _ = hangUp(id, on: node, &$0) } }

    func answer(_ node: String, _ method: String, _ path: [String], _ query: [String: String]) -> (
        Int, JSONValue
    ) {
        nodes.withLock { nodes in
            let id = path.count > 1 ? path[1] : ""
            if let answer = answerMove(node, method, path, query, &nodes) { return answer }
            switch (method, path.first, path.count > 2 ? path[2] : nil) {
            case ("GET", "channels", nil) where path.count == 2:
                return nodes[node]?.channels[id].map { (200, $0) } ?? (404, ["message": "Channel not found"])
            case ("GET", "channels", _): return (200, .array(nodes[node].map { Array($0.channels.values) } ?? []))
            case ("GET", "bridges", _):
                return (200, .array(nodes[node]?.bridges.map { Self.bridge($0.key, $0.value) } ?? []))
            case ("GET", "applications", _) where path.count == 2:
                let isKnown = nodes[node]?.applications.contains(id) == true
                return isKnown ? (200, Self.application(id)) : (404, ["message": "Application not found"])
            case ("GET", "applications", _):
                return (200, .array(nodes[node]?.applications.map(Self.application) ?? []))
            case ("GET", "asterisk", nil):
                return (200, ["asterisk_id": .string(node), "ping": "pong", "timestamp": ""])
            case ("POST", "channels", nil):
                let channel = query["channelId"] ?? ""
                create(channel, on: node, &nodes)
                say("StasisStart", to: "asterism", ["channel": nodes[node]?.channels[channel] ?? .null], node, &nodes)
                return (200, nodes[node]?.channels[channel] ?? .null)
            case ("DELETE", "channels", _): return hangUp(id, on: node, &nodes)
            case ("POST", "bridges", nil):
                guard nodes[node]?.bridges[id] == nil else { return (409, ["message": "exists"]) }
                nodes[node]?.bridges[id] = []
                say("BridgeCreated", to: "asterism", ["bridge": Self.bridge(id, [])], node, &nodes)
                return (200, Self.bridge(id, []))
            case ("DELETE", "bridges", _):
                guard let held = nodes[node]?.bridges[id] else { return (404, ["message": "Bridge not found"]) }
                for channel in held { leave(channel, id, node, &nodes) }
                nodes[node]?.bridges[id] = nil
                say("BridgeDestroyed", to: "asterism", ["bridge": Self.bridge(id, [])], node, &nodes)
                return (204, .null)
            case ("POST", "bridges", "addChannel"):
                guard nodes[node]?.bridges[id] != nil else { return (404, ["message": "Bridge not found"]) }
                for channel in (query["channel"] ?? "").split(separator: ",").map(String.init) {
                    nodes[node]?.options[channel] = query.filter { $0.key != "channel" }
                    nodes[node]?.bridges[id]?.append(channel)
                    let now = nodes[node]?.bridges[id] ?? []
                    say(
                        "ChannelEnteredBridge",
                        to: "asterism",
                        ["channel": nodes[node]?.channels[channel] ?? .null, "bridge": Self.bridge(id, now)],
                        node,
                        &nodes
                    )
                    // A part takes one announcer, and its music is one.
                    if query["role"] == "announcer", nodes[node]?.music[id] != nil { leave(channel, id, node, &nodes) }
                }
                return (204, .null)
            case (_, "bridges", "moh"):
                nodes[node]?.music[id] = method == "POST" ? query["mohClass"] ?? "" : nil
                return (204, .null)
            case ("POST", "bridges", "play"):
                return (201, Self.playback(path.count > 3 ? path[3] : query["playbackId"] ?? "", id))
            default: return (204, .null)
            }
        }
    }

    /// A leg's call arrives at the home.
    func arrive(leg: String, at home: String) {
        nodes.withLock { nodes in
            let id = "\(home)-\(leg)-far"
            create(id, on: home, context: "asterism-trunk", exten: leg, &nodes)
            say(
                "StasisStart",
                to: "asterism",
                ["channel": nodes[home]?.channels[id] ?? .null, "args": ["leg", .string(leg)]],
                home,
                &nodes
            )
        }
        dialled.withLock { $0.append(.now) }
    }

    func hangUp(_ id: String, on node: String, _ nodes: inout [String: Node]) -> (Int, JSONValue) {
        guard nodes[node]?.channels[id] != nil else { return (404, ["message": "Channel not found"]) }
        let leg = id.range(of: "leg-").map { String(id[$0.lowerBound...]).replacingOccurrences(of: "-far", with: "") }
        for name in nodes.keys.sorted() {
            for channel in nodes[name]?.channels.keys.sorted() ?? []
            where (name == node && channel == id) || leg.map(channel.contains) ?? false {
                for bridge in nodes[name]?.bridges.keys.sorted() ?? []
                where nodes[name]?.bridges[bridge]?.contains(channel) == true { leave(channel, bridge, name, &nodes) }
                let gone = nodes[name]?.channels.removeValue(forKey: channel) ?? .null
                say("ChannelDestroyed", to: "asterism", ["channel": gone], name, &nodes)
            }
        }
        return (204, .null)
    }

    func leave(_ channel: String, _ bridge: String, _ node: String, _ nodes: inout [String: Node]) {
        nodes[node]?.bridges[bridge]?.removeAll { $0 == channel }
        let left = nodes[node]?.bridges[bridge] ?? []
        say(
            "ChannelLeftBridge",
            to: "asterism",
            ["channel": nodes[node]?.channels[channel] ?? .null, "bridge": Self.bridge(bridge, left)],
            node,
            &nodes
        )
    }

    func create(
        _ id: String,
        on node: String,
        context: String = "default",
        exten: String = "s",
        application: String? = nil,
        _ nodes: inout [String: Node]
    ) {
        let party: JSONValue = ["name": "", "number": ""]
        var dialplan: JSONValue = ["context": .string(context), "exten": .string(exten), "priority": 1]
        if let application {
            dialplan["app_name"] = "Stasis"
            dialplan["app_data"] = .string(application)
        }
        let channel: JSONValue = [
            "id": .string(id), "name": .string("PJSIP/\(id)"), "state": "Up", "caller": ["name": "", "number": "demo"],
            "connected": party,
            "dialplan": dialplan, "creationtime": "2026-01-01T00:00:00.000+0000",
        ]
        nodes[node]?.channels[id] = channel
        say("ChannelCreated", to: "asterism", ["channel": channel], node, &nodes)
    }

    func say(
        _ type: String,
        to application: String,
        _ members: [String: JSONValue],
        _ node: String,
        _ nodes: inout [String: Node]
    ) {
        nodes[node]?.sequence += 1
        guard nodes[node]?.isUnheard == false else { return }
        var event = members
        event["type"] = .string(type)
        event["application"] = .string(application)
        event["timestamp"] = "2026-01-01T00:00:00.000+0000"
        guard let body = try? JSONEncoder().encode(JSONValue.object(event)) else { return }
        outbox.yield(
            BusEvent(
                topic: "stasis.app.\(application)",
                name: type,
                node: node,
                incarnation: "1",
                sequence: nodes[node]?.sequence ?? 0,
                body: ByteBuffer(bytes: body)
            )
        )
    }

    private static func application(_ name: String) -> JSONValue {
        [
            "name": .string(name), "channel_ids": [], "bridge_ids": [], "endpoint_ids": [], "device_names": [],
            "events_allowed": [], "events_disallowed": [],
        ]
    }

    private static func playback(_ id: String, _ bridge: String) -> JSONValue {
        [
            "id": .string(id), "media_uri": "sound:beep", "target_uri": .string("bridge:\(bridge)"),
            "language": "en", "state": "queued",
        ]
    }

    private static func bridge(_ id: String, _ channels: [String]) -> JSONValue {
        [
            "id": .string(id), "technology": "softmix", "bridge_type": "mixing", "bridge_class": "stasis",
            "creator": "Stasis", "name": "", "channels": .array(channels.map { .string($0) }), "video_mode": "none",
            "creationtime": "2026-01-01T00:00:00.000+0000",
        ]
    }
}
