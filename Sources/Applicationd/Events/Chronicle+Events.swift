import ARI

/// What one event of ARI means to clients.
extension Chronicle {
    /// Takes in an event that the gateway sent for an application.
    mutating func take(_ event: Event) -> [Directive] {
        guard let application = event.application else { return [] }
        switch event.type {
        case "StasisStart": return event.channel.map { start($0, event.args ?? [], application) } ?? []
        case "StasisEnd", "ChannelDestroyed": return event.channel.map { end($0, application) } ?? []
        case "ChannelStateChange": return event.channel.map { change($0, application) } ?? []
        case "ChannelEnteredBridge", "ChannelLeftBridge": return event.bridge.map { fill($0, application) } ?? []
        case "BridgeDestroyed": return event.bridge.map { endNode($0.id, application) } ?? []
        case "ChannelVarset": return set(event.variable ?? "", to: event.value ?? "", of: event.channel, application)
        case "ChannelDtmfReceived":
            guard let digit = event.digit, let call = call(of: event.channel, application) else { return [] }
            return [.announce(.digit(digit, of: call, in: application))]
        case "PlaybackStarted", "PlaybackContinuing", "PlaybackFinished":
            return event.playback.map { play(CallPlayback($0), on: $0.targetURI, application) } ?? []
        default: return []
        }
    }

    private func call(of channel: Channel?, _ application: String) -> Call? {
        channel.flatMap { self[application].calls[$0.id] }
    }

    mutating func start(_ channel: Channel, _ arguments: [String], _ application: String) -> [Directive] {
        guard ChannelKind(channel).isCall, self[application].calls[channel.id] == nil else { return [] }
        let call = Call(channel, tenant: applications[application]?.tenant)
        self[application].calls[channel.id] = call
        switch arguments.first {
        case nil where call.isCaller:
            let created = Directive.announce(.callCreated(call, .userOutgoing, in: application))
            guard self[application].greeted.insert(call.id).inserted else { return [created] }
            return [.announce(.userOutgoingCallOfFirstGeneration(call, in: application)), created]
        case nil, "originate"?:
            let created = Directive.announce(.callCreated(call, .initiated, in: application))
            guard arguments.count > 1 else { return [created] }
            return [created, .join(call: call.id, node: arguments[1], application: application)]
        default: return [.announce(.callCreated(call, .entered, in: application))]
        }
    }

    mutating func end(_ channel: Channel, _ application: String) -> [Directive] {
        if case .snoop(let snoop) = ChannelKind(channel) {
            guard self[application].snoops[snoop]?.channel == channel.id else { return [] }
            return [.endSnoop(snoop, application: application, channel: channel.id)]
        }
        self[application].calls[channel.id]?.update(channel)
        return endCall(channel.id, application)
    }

    mutating func endCall(_ id: String, _ application: String) -> [Directive] {
        self[application].greeted.remove(id)
        guard let call = self[application].calls.removeValue(forKey: id) else { return [] }
        // Asterisk has said that they are over, unless that was missed.
        self[application].playbacks = self[application].playbacks.filter { $0.value != id }
        var directives: [Directive] = []
        if let node = call.nodeUUID, self[application].nodes[node]?.contains(id) == true {
            self[application].nodes[node]?.calls.removeAll { $0.id == id }
            if let left = self[application].nodes[node] {
                directives.append(.announce(.nodeUpdated(left, in: application)))
                if left.calls.isEmpty { directives.append(.endNode(node)) }
            }
        }
        directives.append(.announce(.callDeleted(self[application].shown(call), in: application)))
        for snoop in self[application].snoops.values.map(\.snoop).sorted(by: { $0.uuid < $1.uuid })
        where snoop.snoopedCallID == id || snoop.snoopingCallID == id {
            directives.append(.endSnoop(snoop.uuid, application: application))
        }
        return directives
    }

    mutating func change(_ channel: Channel, _ application: String) -> [Directive] {
        guard let before = self[application].calls[channel.id] else { return [] }
        self[application].calls[channel.id]?.update(channel)
        guard before.status != "Up", channel.state == "Up" else { return [] }
        return announce(channel.id, application) { .callAnswered($0, in: application) }
    }

    private mutating func set(
        _ variable: String,
        to value: String,
        of channel: Channel?,
        _ application: String
    ) -> [Directive] {
        guard let id = channel?.id, var call = self[application].calls[id] else { return [] }
        let before = call
        let isOn = ["1", "true"].contains(value)
        switch variable {
        case CallVariable.muted: call.isMuted = isOn
        case CallVariable.onHold: call.isOnHold = isOn
        case CallVariable.progress: call.isProgressing = isOn
        case CallVariable.musicOnHold: call.mohUUID = value.isEmpty ? nil : value
        case CallVariable.user: call.userUUID = value.isEmpty ? nil : value
        case _ where CallVariable.isShown(variable): call.variables[variable] = value
        default: return []
        }
        guard call != before else { return [] }
        self[application].calls[id] = call
        return announce(id, application) {
            variable == CallVariable.progress ? .progress($0, in: application) : .callUpdated($0, in: application)
        }
    }

    private mutating func play(_ playback: CallPlayback, on target: String, _ application: String) -> [Directive] {
        guard target.hasPrefix("channel:"),
            let call = self[application].calls[String(target.dropFirst("channel:".count))]
        else { return [] }
        let wasPlaying = self[application].playbacks[playback.uuid] != nil
        let isPlaying = playback.state != "done" && playback.state != "failed"
        self[application].playbacks[playback.uuid] = isPlaying ? call.id : nil
        guard isPlaying != wasPlaying else { return [] }
        return [.announce(.playback(playback, isPlaying ? "created" : "deleted", of: call, in: application))]
    }

    func announce(_ call: String, _ application: String, _ make: (Call) -> Announcement) -> [Directive] {
        let chapter = self[application]
        return chapter.calls[call].map { [.announce(make(chapter.shown($0)))] } ?? []
    }
}
