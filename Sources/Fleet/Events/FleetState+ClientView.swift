import ARI

/// What becomes of one event on its way to a client.
package enum EventVerdict: Sendable, Hashable {
    /// As Asterisk wrote it.
    case unchanged
    /// Not for clients.
    case hidden
    /// With this in place of its `bridge`.
    case bridge(Bridge)
    /// With this in place of its `value`.
    case value(String)
    /// A `StasisStart` that says which channel the new one replaces.
    case replacing(Channel)
}

/// What clients see: legs and local bridges are hidden, a fleet bridge shows the channels of all nodes.
extension FleetState {
    /// - Parameter node: where the event comes from.
    package func verdict(on event: Event, from node: String) -> EventVerdict {
        // Between the agent and its node; clients hear of replacement from the gateway itself.
        if event.type.hasPrefix("Application"), event.channel == nil { return .hidden }
        if let channel = event.channel, LegID(channel: channel) != nil { return .hidden }
        if let channel = event.channel, mirrors[node]?.isMourned(channel.id) == true { return .hidden }
        if event.type == "StasisStart", let channel = event.channel,
            mirrors[node]?.isWelcomed(channel.id, in: event.application) == true
        {
            return .hidden
        }
        if let peer = event.peer, LegID(channel: peer) != nil { return .hidden }
        if let endpoint = event.endpoint, Trunk.isEndpoint(endpoint.technology, endpoint.resource) { return .hidden }
        if let device = event.deviceState, Trunk.isDevice(device.name) { return .hidden }
        if event.type == "StasisStart", let id = event.channel.flatMap(CallMove.replaced), let former = moves.former(id)
        {
            return .replacing(former)
        }
        if event.type == "ChannelVarset", let verdict = verdict(onVariable: event) { return verdict }
        guard let bridge = event.bridge, let fleetBridge = bridges[bridge.id] else { return .unchanged }
        let home = fleetBridge.record.home
        if event.type == "BridgeDestroyed", node != home { return .hidden }
        // The event may come before the word of which node is the home: the first to have the bridge is.
        let isPart = home.map { $0 != node } ?? whereabouts.bridges[bridge.id, default: []].contains { $0 != node }
        if event.type == "BridgeCreated", isPart { return .hidden }
        let merged = merge(bridge, of: fleetBridge, seenBy: node)
        return merged == bridge ? .unchanged : .bridge(merged)
    }

    /// The fleet's view of a bridge, from what all nodes hold.
    package func view(of fleetBridge: FleetBridge) -> Bridge {
        let record = fleetBridge.record
        let home = record.home.flatMap { mirrors[$0]?.bridges[record.id] }
        let base =
            home
            ?? Bridge(
                id: record.id,
                technology: fleetBridge.technology,
                bridgeType: fleetBridge.isMixing ? "mixing" : "holding",
                bridgeClass: "stasis",
                creator: "Stasis",
                name: record.name,
                channels: [],
                videoMode: "talker",
                creationtime: record.creationtime
            )
        return merge(base, of: fleetBridge, seenBy: record.home)
    }

    /// - Parameter node: whose list `bridge.channels` is; it may be newer than the mirror's.
    private func merge(_ bridge: Bridge, of fleetBridge: FleetBridge, seenBy node: String?) -> Bridge {
        var channels = bridge.channels.filter { !isLeg($0, on: node) }
        var parts = [bridge]
        for name in (whereabouts.bridges[bridge.id] ?? []).sorted() where name != node {
            guard let part = mirrors[name]?.bridges[bridge.id] else { continue }
            // A bridge that was carried to a node without a part shows them already.
            channels += part.channels.filter { !isLeg($0, on: name) && !bridge.channels.contains($0) }
            parts.append(part)
        }
        channels += absent(from: bridge.id).keys.filter { !channels.contains($0) }.sorted()
        var merged = bridge
        merged.channels = channels
        merged.name = fleetBridge.record.name
        merged.creationtime = fleetBridge.record.creationtime
        if node != fleetBridge.record.home {
            let home = fleetBridge.record.home.flatMap { mirrors[$0]?.bridges[bridge.id] }
            merged.technology = home?.technology ?? fleetBridge.technology
        }
        // The source is set in the part that it is in.
        let latest = fleetBridge.videoNode.flatMap { $0 == node ? bridge : mirrors[$0]?.bridges[bridge.id] }
        let source = ([latest].compactMap(\.self) + parts).first { part in
            part.videoSourceID.map(channels.contains) ?? false
        }
        merged.videoSourceID = source?.videoSourceID
        merged.videoMode = source?.videoMode ?? bridge.videoMode
        return merged
    }

    private func isLeg(_ channel: String, on node: String?) -> Bool {
        if let node, mirrors[node]?.legs.contains(channel) == true { return true }
        return LegID(channelID: channel) != nil
    }

    /// Asterisk sets `BRIDGEPEER` to the names of the other channels in the bridge, legs included, and `BRIDGEPVTCALLID` to the Call-ID
    /// of the only other one, which may be a leg. What gateways note of moves is theirs.
    /// - Returns: nil for an event about any other variable, or without a leg.
    private func verdict(onVariable event: Event) -> EventVerdict? {
        guard let variable = event.variable else { return nil }
        let isNote = variable == Referral.variable || variable == BridgingNote.variable
        if isNote || ChannelTreatment(rawValue: variable) != nil { return .hidden }
        guard variable == "BRIDGEPEER" || variable == "BRIDGEPVTCALLID",
            let id = event.channel?.id, let value = event.value
        else { return nil }
        if moves.isAsked(id) { return .hidden }
        if variable == "BRIDGEPEER" {
            guard value.split(separator: ",").contains(where: { Trunk.isChannel(named: $0) }) else { return nil }
            guard let bridge = bridge(holding: id) else { return .hidden }
            return .value(names(in: bridge, except: id).joined(separator: ","))
        }
        guard let bridge = bridge(holding: id) else { return nil }
        return hasLegs(bridge) || members(of: bridge).count > 1 ? .hidden : nil
    }

    /// The fleet bridge that a channel is in or about to enter.
    private func bridge(holding channel: String) -> String? {
        if let bridge = self.channel(channel)?.channel.bridge { return bridges[bridge] == nil ? nil : bridge }
        return bridges.awaiting(channel)
    }

    private func names(in bridge: String, except channel: String) -> [String] {
        members(of: bridge).sorted { $0.key < $1.key }.flatMap { node, ids in
            ids.filter { $0 != channel }.compactMap { mirrors[node]?.channels[$0]?.channel.name }
        }
    }
}
