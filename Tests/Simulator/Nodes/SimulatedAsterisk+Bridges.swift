import NIOCore

/// A bridge on a simulated Asterisk.
struct SimulatedBridge: Sendable {
    let id: String
    let name: String
    /// The numbers of the channels in it.
    var channels: [Int] = []

    /// As Asterisk writes it.
    func text(on node: SimulatedNode) -> String {
        let ids = channels.map { "\"\(SimulatedChannel.id($0, on: node))\"" }.joined(separator: ",")
        return """
            {"id":"\(id)","technology":"softmix","bridge_type":"mixing","bridge_class":"stasis","creator":"Stasis",\
            "name":"\(name)","channels":[\(ids)],"creationtime":"\(SimulatedChannel.timestamp)","video_mode":"talker"}
            """
    }
}

/// What happens to bridges.
extension SimulatedAsterisk {
    /// - Returns: whether it is new.
    func createBridge(_ id: String, name: String) -> Bool {
        with { state in
            guard state.bridges[id] == nil else { return false }
            let bridge = SimulatedBridge(id: id, name: name)
            state.bridges[id] = bridge
            say("BridgeCreated", bridge, nil, state)
            return true
        }
    }

    /// - Returns: whether there was one.
    func destroyBridge(_ id: String) -> Bool {
        with { state in
            guard let bridge = state.bridges[id] else { return false }
            for number in bridge.channels { leave(id, number, &state) }
            state.bridges[id] = nil
            say("BridgeDestroyed", SimulatedBridge(id: id, name: bridge.name), nil, state)
            return true
        }
    }

    /// - Returns: whether bridge and channel are there.
    func enter(_ id: String, channel: String) -> Bool {
        with { state in
            guard let number = state.channel(channel, on: node)?.number, state.bridges[id] != nil else { return false }
            if let former = state.channels[number - 1]?.bridge { leave(former, number, &state) }
            state.bridges[id]?.channels.append(number)
            state.channels[number - 1]?.bridge = id
            if let bridge = state.bridges[id] {
                say("ChannelEnteredBridge", bridge, state.channels[number - 1], state)
            }
            return true
        }
    }

    /// - Returns: whether the channel was in the bridge.
    func leave(_ id: String, channel: String) -> Bool {
        with { state in
            guard let known = state.channel(channel, on: node), known.bridge == id else { return false }
            leave(id, known.number, &state)
            return true
        }
    }

    func leave(_ id: String, _ number: Int, _ state: inout State) {
        state.bridges[id]?.channels.removeAll { $0 == number }
        state.channels[number - 1]?.bridge = nil
        if let bridge = state.bridges[id] { say("ChannelLeftBridge", bridge, state.channels[number - 1], state) }
    }

    private func say(_ type: String, _ bridge: SimulatedBridge, _ channel: SimulatedChannel?, _ state: State) {
        let members = ",\"bridge\":\(bridge.text(on: node))"
        state.say(SimulatedEvent(type, members, channel: channel, on: node), to: channel?.application)
    }
}
