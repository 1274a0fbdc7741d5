import ARI
import EventBus
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
        var sequence: UInt64 = 0
        /// Whether its events are lost on their way.
        var isUnheard = false
    }

    let bus: EmbeddedBus
    private let nodes = Mutex<[String: Node]>([:])
    private let outbox: AsyncStream<BusEvent>.Continuation
    private let publishing: Task<Void, Never>
    private let servers = Mutex<[any NIOCore.Channel]>([])

    init(bus: EmbeddedBus) {
        self.bus = bus
        let (events, outbox) = AsyncStream.makeStream(of: BusEvent.self)
        self.outbox = outbox
        publishing = Task { for await event in events { try? await bus.publish(event) } }
    }

    /// Starts a node and returns its record.
    func add(_ name: String) async throws -> NodeRecord {
        nodes.withLock { $0[name] = Node() }
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(SimulatedNodeHandler(node: name, fleet: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
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

    func node(_ name: String) -> Node { nodes.withLock { $0[name] ?? Node() } }

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

    /// A caller hangs up.
    func end(_ id: String, on node: String) { nodes.withLock { _ = hangUp(id, on: node, &$0) } }

    fileprivate func answer(_ node: String, _ method: String, _ path: [String], _ query: [String: String]) -> (
        Int, JSONValue
    ) {
        nodes.withLock { nodes in
            let id = path.count > 1 ? path[1] : ""
            switch (method, path.first, path.count > 2 ? path[2] : nil) {
            case ("GET", "channels", _): return (200, .array(nodes[node].map { Array($0.channels.values) } ?? []))
            case ("GET", "bridges", _):
                return (200, .array(nodes[node]?.bridges.map { Self.bridge($0.key, $0.value) } ?? []))
            case ("GET", "applications", _):
                return (200, .array(nodes[node]?.applications.map { ["name": .string($0)] } ?? []))
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
                    nodes[node]?.bridges[id]?.append(channel)
                    let now = nodes[node]?.bridges[id] ?? []
                    say(
                        "ChannelEnteredBridge",
                        to: "asterism",
                        ["channel": nodes[node]?.channels[channel] ?? .null, "bridge": Self.bridge(id, now)],
                        node,
                        &nodes
                    )
                }
                return (204, .null)
            default: return (204, .null)
            }
        }
    }

    /// A leg's call arrives at the home.
    fileprivate func arrive(leg: String, at home: String) {
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
    }

    private func hangUp(_ id: String, on node: String, _ nodes: inout [String: Node]) -> (Int, JSONValue) {
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

    private func leave(_ channel: String, _ bridge: String, _ node: String, _ nodes: inout [String: Node]) {
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

    private func create(
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
            "id": .string(id), "name": .string("PJSIP/\(id)"), "state": "Up", "caller": party, "connected": party,
            "dialplan": dialplan, "creationtime": "2026-01-01T00:00:00.000+0000",
        ]
        nodes[node]?.channels[id] = channel
        say("ChannelCreated", to: "asterism", ["channel": channel], node, &nodes)
    }

    private func say(
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

    private static func bridge(_ id: String, _ channels: [String]) -> JSONValue {
        [
            "id": .string(id), "technology": "softmix", "bridge_type": "mixing", "bridge_class": "stasis",
            "creator": "Stasis", "name": "", "channels": .array(channels.map { .string($0) }), "video_mode": "none",
            "creationtime": "2026-01-01T00:00:00.000+0000",
        ]
    }
}

/// One connection to one simulated node.
private final class SimulatedNodeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let node: String
    private let fleet: SimulatedFleet
    private var head: HTTPRequestHead?

    init(node: String, fleet: SimulatedFleet) {
        self.node = node
        self.fleet = fleet
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head, let url = URLComponents(string: head.uri) else { return }
            let path = url.path.split(separator: "/").dropFirst().map(String.init)
            var query: [String: String] = [:]
            for item in url.queryItems ?? [] { query[item.name] = item.value }
            let (status, body) = fleet.answer(node, head.method.rawValue, path, query)
            // `PJSIP/leg-x@node-ast1`: as soon as the near end is dialled the call is at the home.
            if path == ["channels", "create"], let endpoint = query["endpoint"] {
                Self.dialled.withLock { $0[query["channelId"] ?? ""] = endpoint }
            }
            if path.last == "dial", let endpoint = Self.dialled.withLock({ $0[path[1]] }),
                let at = endpoint.range(of: "@node-")
            {
                let leg = endpoint[..<at.lowerBound].dropFirst("PJSIP/".count)
                fleet.arrive(leg: String(leg), at: String(endpoint[at.upperBound...]))
            }
            var response = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
            let bytes = status == 204 ? Data() : (try? JSONEncoder().encode(body)) ?? Data()
            if status != 204 { response.headers.add(name: "Content-Length", value: "\(bytes.count)") }
            context.write(wrapOutboundOut(.head(response)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private static let dialled = Mutex<[String: String]>([:])
}
