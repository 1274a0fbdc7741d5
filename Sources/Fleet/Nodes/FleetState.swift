import ARI
import Registry

/// Everything a gateway knows of the fleet: nodes, what each holds, and the fleet bridges. A value without I/O.
package struct FleetState: Sendable {
    package private(set) var nodes: [String: NodeRecord] = [:]
    package private(set) var mirrors: [String: NodeMirror] = [:]
    package var bridges = FleetBridges()
    /// Whether this gateway keeps the stars of the bridges.
    package internal(set) var isConducting = false
    /// What was said goodbye to when a node was last lost: it may have been the agent alone, and Asterisk tells its own end of it later.
    private var farewells: [String: (incarnation: String, channels: Set<String>)] = [:]
    /// What each application has heard of devices.
    private var devices: [String: DeviceStates] = [:]
    /// Calls that go on on other nodes.
    var moves = MovingCalls()
    /// Ids that clients chose, from the moment the request was sent: channel or playback id -> node.
    private var reserved: [String: String] = [:]
    /// Where things are, as the mirrors have it.
    private(set) var whereabouts = Whereabouts()
    /// The nodes that take calls.
    private(set) var placements = PlacementQueue()
    /// Entity id in lower case -> name.
    private(set) var namesByID: [String: String] = [:]

    package init() {}

    /// What a change of the registry means for this fleet.
    package struct NodeChange: Sendable {
        /// Runs that are over, with what they held.
        package var lost: [(node: NodeRecord, mirror: NodeMirror)] = []
        /// Runs that have begun, to be listed once.
        package var begun: [NodeRecord] = []
    }

    /// Takes a snapshot of the registry in.
    package mutating func update(nodes snapshot: [NodeRecord]) -> NodeChange {
        var change = NodeChange()
        let current = Dictionary(snapshot.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, mirror) in mirrors {
            let record = current[name]
            let isOver = record == nil || record?.incarnation != mirror.incarnation || record?.health == .critical
            guard isOver else { continue }
            if let node = record ?? nodes[name] { change.lost.append((node, mirror)) }
            lose(name)
        }
        for record in snapshot where mirrors[record.name] == nil && record.health == .passing {
            mirrors[record.name] = mirror(of: record)
            change.begun.append(record)
        }
        for name in nodes.keys where current[name] == nil { placements.remove(name) }
        nodes = current
        namesByID = Dictionary(current.values.map { ($0.id.lowercased(), $0.name) }, uniquingKeysWith: { min($0, $1) })
        for node in current.values { placements.note(node, channels: mirrors[node.name]?.channels.count ?? 0) }
        return change
    }

    /// A node that the registry has lost touch with has answered, or failed to answer as often as patience allows.
    package mutating func suspect(_ name: String, answers: Bool) -> NodeChange {
        var change = NodeChange()
        guard let node = nodes[name], node.health == .suspect else { return change }
        if answers, mirrors[name] == nil {
            mirrors[name] = mirror(of: node)
            change.begun.append(node)
        } else if !answers, let mirror = mirrors[name] {
            change.lost.append((node, mirror))
            lose(name)
        }
        return change
    }

    private func mirror(of node: NodeRecord) -> NodeMirror {
        let former = farewells[node.name]
        return NodeMirror(
            incarnation: node.incarnation,
            mourned: former?.incarnation == node.incarnation ? former?.channels ?? [] : []
        )
    }

    private mutating func lose(_ name: String) {
        for application in devices.keys { devices[application]?.forget(node: name) }
        if let mirror = mirrors[name] { farewells[name] = (mirror.incarnation, mirror.farewells) }
        whereabouts.replace(mirrors[name], by: nil, of: name)
        mirrors[name] = nil
        placements.note(channels: 0, on: name)
        moves.forget(node: name)
        reserved = reserved.filter { $0.value != name }
        for id in bridges.keys { bridges[id]?.forget(node: name) }
    }

    /// Nodes that answer.
    package var alive: Set<String> { Set(mirrors.keys) }

    /// Takes one event of a node in.
    /// - Returns: false when it belongs to a run that is not the current one.
    package mutating func apply(_ event: Event, node: String, incarnation: String) -> Bool {
        guard mirrors[node]?.incarnation == incarnation else { return false }
        // What is heard of one that is gone says nothing of the call.
        if let former = CallMove.replaced(in: event), mirrors[node]?.hasEnded(event.channel?.id) != true {
            let known = self.channel(former)?.channel.channel
            moves.note(event.type, of: former, on: node, known: known)
        }
        if let asking = event.asking, let channel = event.channel {
            let bridge = self.channel(channel.id)?.channel.bridge
            moves.withdraw(channel.id)
            if !asking.isEmpty { moves.ask(channel, on: node, in: bridge, asking: asking) }
        }
        mirrors[node]?.apply(event)
        settle(event, node)
        if let id = event.channel?.id, let bridge = event.bridge?.id,
            event.type == "ChannelEnteredBridge" || event.type == "ChannelLeftBridge",
            event.application == NodeMirror.observer
        {
            bridges[bridge]?.joining[id] = nil
            if event.type == "ChannelEnteredBridge" { moves.settle(id) }
            if event.type == "ChannelLeftBridge", !moves.isAsked(id) { bridges[bridge]?.left(channel: id) }
        }
        if event.type == "ChannelDestroyed", let channel = event.channel {
            let id = channel.id
            reserved[id] = nil
            moves.end(channel)
            for bridge in bridges.naming(id) { bridges[bridge]?.ended(channel: id) }
        }
        // What it heard of devices ends with it.
        if event.type == "ApplicationUnregistered", let application = event.application { devices[application] = nil }
        if event.type == "PlaybackFinished", let playback = event.playback {
            reserved[playback.id] = nil
            if let bridge = playback.bridge { bridges[bridge]?.playing.remove(playback.id) }
        }
        if event.type == "BridgeDestroyed", let id = event.bridge?.id { bridges[id]?.parts.remove(node) }
        if event.type == "BridgeVideoSourceChanged", let id = event.bridge?.id { bridges[id]?.videoNode = node }
        // It may have been made anew before the end of its forerunner was told.
        if event.type == "BridgeCreated", isConducting, let id = event.bridge?.id { bridges[id]?.parts.insert(node) }
        return true
    }

    /// What an event has changed in a mirror, in all that is kept beside it.
    private mutating func settle(_ event: Event, _ node: String) {
        whereabouts.note(
            mirrors[node],
            of: node,
            channel: event.channel?.id,
            bridge: event.bridge?.id,
            playback: event.playback?.id,
            recording: event.recording?.name
        )
        placements.note(channels: mirrors[node]?.channels.count ?? 0, on: node)
    }

    /// When an application is to hear of an event; asked once for each.
    package mutating func timing(of event: Event) -> EventTiming { moves.timing(of: event) }

    /// Takes in what an application is told of a device.
    /// - Returns: whether it is news: the fleet's state, and the first to say so.
    package mutating func isNews(_ event: Event, from node: String) -> Bool {
        guard event.type == "DeviceStateChanged", let device = event.deviceState, let application = event.application
        else { return true }
        return devices[application, default: DeviceStates()].note(device.name, device.state, on: node) == device.state
    }

    /// Notes a sequence number; true when events were missed.
    package mutating func advance(node: String, incarnation: String, to sequence: UInt64) -> Bool {
        guard mirrors[node]?.incarnation == incarnation else { return false }
        return mirrors[node]?.advance(to: sequence) ?? false
    }

    /// Takes in what a node listed; see ``NodeMirror/replace(channels:bridges:since:)``.
    package mutating func replace(
        node: String,
        channels: [Channel],
        bridges: [Bridge],
        since: UInt64
    ) -> MissedChanges {
        let former = mirrors[node]
        let missed =
            mirrors[node]?.replace(channels: channels, bridges: bridges, since: since) ?? MissedChanges()
        whereabouts.replace(former, by: mirrors[node], of: node)
        placements.note(channels: mirrors[node]?.channels.count ?? 0, on: node)
        for known in missed.gone {
            let channel = known.channel.id
            reserved[channel] = nil
            for id in self.bridges.naming(channel) { self.bridges[id]?.ended(channel: channel) }
        }
        // One that was to come and was never heard of may have ended unheard.
        for id in self.bridges.keys {
            for (channel, owner) in self.bridges[id]?.joining ?? [:]
            where owner == node && mirrors[node]?.channels[channel] == nil { self.bridges[id]?.ended(channel: channel) }
        }
        return missed
    }

    /// Events of a node were missed: until it is listed anew, nothing is concluded from what it does not show.
    package mutating func doubt(node: String) { mirrors[node]?.doubt() }

    /// A node says that it has no part of a bridge, whose end was missed.
    package mutating func forget(part node: String, of bridge: String) {
        mirrors[node]?.forget(bridge: bridge)
        whereabouts.note(mirrors[node], of: node, channel: nil, bridge: bridge, playback: nil, recording: nil)
        bridges[bridge]?.parts.remove(node)
    }

    /// Takes in the applications that a node listed.
    package mutating func register(applications: [String], on node: String) {
        mirrors[node]?.register(applications: applications)
    }

    /// Claims an id that a client chose, before the request that makes it is sent.
    /// - Returns: false when a channel of the fleet has it.
    package mutating func reserve(channel id: String, on node: String) -> Bool {
        guard owner(ofChannel: id) == nil else { return false }
        reserved[id] = node
        return true
    }

    /// Gives up an id whose request failed.
    package mutating func release(_ id: String) { reserved[id] = nil }

    /// The node on which an id was claimed.
    func reservation(_ id: String) -> String? { reserved[id] }

    /// Notes where a playback runs before Asterisk says so.
    package mutating func note(playback id: String, on node: String) { reserved[id] = node }
}
