import ARI
import Registry

/// One node, as operators see it.
package struct NodeReport: Codable, Sendable, Hashable {
    package var name: String
    package var id: String
    package var nickname: String
    package var state: State
    package var sip: String
    package var ari: String
    /// Channels of real parties.
    package var channels: Int
    /// Calls from or to the outside: channels without the Local and internal ones.
    package var calls: Int
    /// Ends of legs.
    package var legs: Int
    /// Process id of Asterisk, where the answering process started it.
    package var pid: Int?
    /// Only when asked for.
    package var ariCredentials: Credentials?

    /// What a node can be given.
    package enum State: String, Codable, Sendable, CaseIterable { case starting, up, draining, suspect, down }

    package init(_ node: NodeRecord, mirror: NodeMirror?, showSecrets: Bool = false) {
        name = node.name
        id = node.id
        nickname = node.nickname
        state =
            switch node.health {
            case .starting: .starting
            case .critical: .down
            case .suspect: .suspect
            case .passing: node.isDraining ? .draining : .up
            }
        sip = node.sip.description
        ari = node.ari.description
        legs = mirror?.legs.count ?? 0
        channels = (mirror?.channels.count ?? 0) - legs
        calls = mirror?.calls ?? 0
        pid = node.pid
        ariCredentials = showSecrets ? node.ariCredentials : nil
    }
}

/// One channel of a real party, as operators see it; legs are not calls.
package struct ChannelReport: Codable, Sendable, Hashable {
    package var id: String
    package var node: String
    package var application: String?
    /// ARI's channel state, such as `Ring` or `Up`.
    package var state: String
    package var caller: String
    package var dialled: String
    package var bridge: String?
    package var since: String
    /// The SIP Call-ID; empty for channels that are not SIP.
    package var callID: String

    package init(_ known: MirroredChannel, node: String) {
        let channel = known.channel
        id = channel.id
        self.node = node
        application = known.application
        state = channel.state
        caller = channel.caller.number
        dialled = channel.dialplan.exten
        bridge = known.bridge
        since = channel.creationtime
        callID = channel.protocolID ?? ""
    }
}

/// One fleet bridge, as operators see it: also what clients of ARI never see, its home and legs.
package struct BridgeReport: Codable, Sendable, Hashable {
    package struct Member: Codable, Sendable, Hashable {
        package var id: String
        package var node: String
    }

    package struct LegReport: Codable, Sendable, Hashable {
        package var node: String
        package var near: String
        package var far: String?
    }

    package var id: String
    package var name: String
    package var home: String?
    /// Nodes with a local bridge.
    package var nodes: [String]
    package var channels: [Member]
    package var legs: [LegReport]

    package init(_ bridge: FleetBridge, members: [String: [String]]) {
        id = bridge.id
        name = bridge.record.name
        home = bridge.record.home
        nodes = bridge.parts.sorted()
        channels = members.sorted { $0.key < $1.key }.flatMap { node, ids in
            ids.sorted().map { Member(id: $0, node: node) }
        }
        legs = bridge.legs.map { LegReport(node: $0.node, near: $0.nearChannel, far: $0.farChannel) }
    }
}

/// A call that was moved to another node.
package struct MoveReport: Codable, Sendable, Hashable {
    /// The channel that the call has now.
    package var channel: String
    /// The channel that it had.
    package var replaces: String
    /// Where it is now.
    package var node: String
    /// The bridge that it was in, and is in again.
    package var bridge: String?

    package init(channel: String, replaces: String, node: String, bridge: String?) {
        self.channel = channel
        self.replaces = replaces
        self.node = node
        self.bridge = bridge
    }
}

/// A dialled number and the application that takes its calls.
package struct RouteReport: Codable, Sendable, Hashable {
    package var number: String
    package var application: String

    package init(number: String, application: String) {
        self.number = number
        self.application = application
    }
}

/// A SIP account; its secret is never shown.
package struct SubscriberReport: Codable, Sendable, Hashable {
    package var name: String
    package var realm: String

    package init(name: String, realm: String) {
        self.name = name
        self.realm = realm
    }
}

extension FleetState {
    /// Every node, sorted by name.
    package func nodeReports(showSecrets: Bool = false) -> [NodeReport] {
        nodes.values.sorted { $0.name < $1.name }.map {
            NodeReport($0, mirror: mirrors[$0.name], showSecrets: showSecrets)
        }
    }

    /// Every channel of a real party, oldest first.
    package func callReports() -> [ChannelReport] {
        mirrors.flatMap { node, mirror in
            mirror.channels.values.filter { $0.leg == nil }.map { ChannelReport($0, node: node) }
        }.sorted { ($0.since, $0.id) < ($1.since, $1.id) }
    }

    /// Every fleet bridge, sorted by id.
    package func bridgeReports() -> [BridgeReport] {
        bridges.values.filter { !$0.isForgotten }.sorted { $0.id < $1.id }.map {
            BridgeReport(surveyed($0), members: members(of: $0.id))
        }
    }
}
