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
        if event.type == "ChannelVarset", let verdict = verdict(onVariable: event) { return verdict }
        guard let bridge = event.bridge, let fleetBridge = bridges[bridge.id] else { return .unchanged }
        let isPart = node != fleetBridge.record.home
        if isPart, event.type == "BridgeCreated" || event.type == "BridgeDestroyed" { return .hidden }
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
        let parts = mirrors.filter { $0.key != node && $0.value.bridges[bridge.id] != nil }.keys
        for part in parts.sorted() {
            channels += (mirrors[part]?.bridges[bridge.id]?.channels ?? []).filter { !isLeg($0, on: part) }
        }
        var merged = bridge
        merged.channels = channels
        merged.name = fleetBridge.record.name
        merged.creationtime = fleetBridge.record.creationtime
        if node != fleetBridge.record.home {
            let home = fleetBridge.record.home.flatMap { mirrors[$0]?.bridges[bridge.id] }
            merged.technology = home?.technology ?? fleetBridge.technology
        }
        if let source = bridge.videoSourceID, !channels.contains(source) { merged.videoSourceID = nil }
        return merged
    }

    private func isLeg(_ channel: String, on node: String?) -> Bool {
        if let node, mirrors[node]?.channels[channel]?.leg != nil { return true }
        return LegID(channelID: channel) != nil
    }

    /// Asterisk sets `BRIDGEPEER` to the names of the other channels in the bridge, legs included, and `BRIDGEPVTCALLID` to the Call-ID
    /// of the only other one, which may be a leg.
    /// - Returns: nil for an event about any other variable, or without a leg.
    private func verdict(onVariable event: Event) -> EventVerdict? {
        guard let variable = event.variable, variable == "BRIDGEPEER" || variable == "BRIDGEPVTCALLID",
            let id = event.channel?.id, let value = event.value
        else { return nil }
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
        return bridges.values.first { $0.joining[channel] != nil }?.id
    }

    private func names(in bridge: String, except channel: String) -> [String] {
        members(of: bridge).sorted { $0.key < $1.key }.flatMap { node, ids in
            ids.filter { $0 != channel }.compactMap { mirrors[node]?.channels[$0]?.channel.name }
        }
    }
}
