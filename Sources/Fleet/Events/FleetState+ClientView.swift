import ARI

/// What becomes of one event on its way to a client.
package enum EventVerdict: Sendable, Hashable {
    /// As Asterisk wrote it.
    case unchanged
    /// Not for clients.
    case hidden
    /// With this in place of its `bridge`.
    case bridge(Bridge)
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
        if event.type == "ChannelVarset", let variable = event.variable, Self.isPeerVariable(variable),
            let value = event.value, showsLeg(variable: variable, value: value, of: event.channel?.id)
        {
            return .hidden
        }
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
                technology: fleetBridge.isMixing ? "simple_bridge" : "holding_bridge",
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
        guard channels != bridge.channels || node != fleetBridge.record.home else { return bridge }
        var merged = bridge
        merged.channels = channels
        merged.name = fleetBridge.record.name
        merged.creationtime = fleetBridge.record.creationtime
        if fleetBridge.isMixing { merged.technology = channels.count <= 2 ? "simple_bridge" : "softmix" }
        if let source = bridge.videoSourceID, !channels.contains(source) { merged.videoSourceID = nil }
        return merged
    }

    private func isLeg(_ channel: String, on node: String?) -> Bool {
        if let node, mirrors[node]?.channels[channel]?.leg != nil { return true }
        return LegID(channelID: channel) != nil
    }

    /// Asterisk sets these to the names of the other channels in the bridge, legs included.
    private static func isPeerVariable(_ name: String) -> Bool { name == "BRIDGEPEER" || name == "BRIDGEPVTCALLID" }

    private func showsLeg(variable: String, value: String, of channel: String?) -> Bool {
        if value.contains("PJSIP/node-") || value.contains("PJSIP/trunk-") { return true }
        guard variable == "BRIDGEPVTCALLID", let channel, let bridge = self.channel(channel)?.channel.bridge else {
            return false
        }
        return bridges[bridge] != nil && hasLegs(bridge)
    }
}
