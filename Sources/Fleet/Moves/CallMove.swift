import ARI
import Registry

/// A live call that is to go on on another node: a new channel there takes the place of the one here.
package struct CallMove: Sendable, Hashable {
    /// The variable of the new channel that names the one it replaces, reported with each of its events: every gateway knows by it what
    /// the channel is, also after a restart.
    package static let variable = "ASTERISM_REPLACES"

    /// The dialplan context in which the new channel begins, at the number that was dialled.
    package static let context = "asterism-moved"
    /// The variable of the new channel with what that context calls `Stasis` with.
    package static let stasisVariable = "ASTERISM_STASIS"
    /// How the names of channels begin that lead through the edge.
    static let phones = "PJSIP/edge-"

    /// The channel that is replaced.
    package var channel: MirroredChannel
    /// The bridge that it is in, or was put into a moment ago: that it has entered is heard after the answer to who put it there.
    package var bridge: String?
    /// How it was put into the bridge: `role`, `absorbDTMF`, `mute`; nil where another gateway did, and the channel's ``BridgingNote`` tells.
    package var options: [String: String]?
    /// The names of the variables that it has and the new channel is to have.
    package var named: Set<String> = []
    /// Where it is.
    package var from: NodeRecord
    /// Where the call goes.
    package var to: NodeRecord

    /// The channel that a channel takes the place of.
    package static func replaced(by channel: Channel) -> String? { channel.channelvars?[variable] }

    /// The channel that the one takes the place of which an event is about. The setting of the variable tells first, before the phone is
    /// called.
    package static func replaced(in event: Event) -> String? {
        if event.type == "ChannelVarset", event.variable == variable { return event.value }
        return event.channel.flatMap(replaced)
    }

    /// What `Stasis` was called with: the application hears of the new channel with the same arguments.
    package var stasis: String { channel.channel.dialplan.appData ?? channel.application ?? "" }

    /// The number that was dialled, at which the new channel begins.
    package var number: String { channel.channel.dialplan.exten }

    /// What the new channel has from the former one, however it came about. The mark is reported with its events.
    /// - Parameter carried: the variables that were set on the former one.
    package func variables(_ carried: [String: String]) -> [String: JSONValue] {
        let former = channel.channel
        var variables = carried.mapValues { JSONValue.string($0) }
        variables[Self.stasisVariable] = .string(stasis)
        variables[Self.variable] = ["value": .string(former.id), "report_events": true]
        variables["CALLERID(num)"] = .string(former.caller.number)
        variables["CALLERID(name)"] = .string(former.caller.name)
        if let language = former.language { variables["CHANNEL(language)"] = .string(language) }
        if let account = former.accountcode, !account.isEmpty { variables["CHANNEL(accountcode)"] = .string(account) }
        return variables
    }
}

/// Why a call stays where it is.
package enum MoveRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownChannel(String)
    case unknownNode(String)
    /// Not a phone's call through the edge.
    case notFromEdge(String)
    case notAnswered(String)
    /// In no application, or in the dialplan.
    case inNoApplication(String)
    case alreadyThere(String)
    case nodeTakesNoCalls(String)
    case noOtherNode
    case alreadyMoving(String)
    /// The channel does something for its application during which its phone cannot be asked to call again.
    case busy(String)
    /// The phone did not let itself be moved.
    case refusedByPhone(String, String)
    /// The call went on there, but not all is as it was.
    case notBridged(String, String)
    case nodeFailed(String)

    package var description: String {
        switch self {
        case .unknownChannel(let id): "Channel not found: \(id)"
        case .unknownNode(let name): "No node has the id or name \(name)"
        case .notFromEdge(let name): "\(name) is no call of a phone through the edge, and only those can be moved"
        case .notAnswered(let state): "Only an answered call can be moved; its state is \(state)"
        case .inNoApplication(let id): "\(id) is in no application, and would have nowhere to go on"
        case .alreadyThere(let node): "The call is on node \(node) already"
        case .nodeTakesNoCalls(let node): "Node \(node) takes no calls: it drains or does not answer"
        case .noOtherNode: "No other node takes calls"
        case .alreadyMoving(let id): "\(id) is being moved already"
        case .busy(let id):
            "\(id) cannot be moved while something is played to it or recorded from it: its phone has to be asked to call again"
        case .refusedByPhone(let user, let why): "The phone of \(user) did not let its call be moved: \(why)"
        case .notBridged(let bridge, let why): "The call was moved but is not in bridge \(bridge): \(why)"
        case .nodeFailed(let why): "The node did not do what moving takes: \(why)"
        }
    }
}

extension FleetState {
    /// A call is about to move: known here before any node can tell.
    package mutating func begin(_ move: CallMove) { moves.begin(move.channel.channel, on: move.to.name) }

    /// A call does not move after all, and no node will tell so.
    package mutating func abandon(_ move: CallMove) { moves.abandon(move.channel.channel.id) }

    /// Whether and where a call can be moved.
    /// - Parameter node: where to, by name or entity id; nil takes the least loaded.
    package func move(of id: String, to node: String?) throws(MoveRefusal) -> CallMove {
        guard let known = channel(id), known.channel.leg == nil, let from = nodes[known.node] else {
            throw .unknownChannel(id)
        }
        let channel = known.channel.channel
        guard channel.name.hasPrefix(CallMove.phones) else { throw .notFromEdge(channel.name) }
        guard channel.state == "Up" else { throw .notAnswered(channel.state) }
        guard let application = known.channel.application, application != NodeMirror.observer else {
            throw .inNoApplication(id)
        }
        let bridge = known.channel.bridge ?? bridges.awaiting(id)
        return CallMove(
            channel: known.channel,
            bridge: bridge,
            options: bridge.flatMap { bridges[$0]?.options[id] },
            named: mirrors[known.node]?.variables[id] ?? [],
            from: from,
            to: try target(node, from: from)
        )
    }

    /// The node of a channel whose call may be moved: one of a phone, through the edge.
    package func movable(_ id: String) -> NodeRecord? {
        guard let known = channel(id), known.channel.leg == nil,
            known.channel.channel.name.hasPrefix(CallMove.phones)
        else { return nil }
        return nodes[known.node]
    }

    /// Whether a channel that replaces another is in a bridge already. Its application, told of a new channel, may put it there once
    /// more, which would take it out first.
    package func isMoved(_ id: String, into bridge: String) -> Bool {
        guard let known = channel(id), CallMove.replaced(by: known.channel.channel) != nil else { return false }
        return known.channel.bridge == bridge || bridges[bridge]?.joining[id] != nil
    }

    private func target(_ name: String?, from: NodeRecord) throws(MoveRefusal) -> NodeRecord {
        guard let name else {
            let others = nodes.values.filter { $0.name != from.name }
            let channels = mirrors.mapValues(\.channels.count)
            guard let node = Placement.choose(among: others, channels: channels) else { throw .noOtherNode }
            return node
        }
        guard let node = self.node(named: name) else { throw .unknownNode(name) }
        guard node.name != from.name else { throw .alreadyThere(node.name) }
        guard node.takesCalls, alive.contains(node.name) else { throw .nodeTakesNoCalls(node.name) }
        return node
    }
}
