import NIOCore

/// What happens to calls.
extension SimulatedAsterisk {
    /// A caller comes in, into the first application if there is one.
    func call() {
        with { state in
            var channel = SimulatedChannel(number: state.channels.count + 1)
            state.say(SimulatedEvent("ChannelCreated", channel: channel, on: node), to: nil)
            channel.application = state.applications.first
            state.channels.append(channel)
            if let application = channel.application {
                let start = SimulatedEvent("StasisStart", ",\"args\":[]", channel: channel, on: node)
                state.say(start, onlyTo: application)
            }
        }
    }

    /// Something happens to the call at a place among the calls that there have been.
    /// - Returns: whether it is told to a client application.
    func happen(_ turn: Int, to place: Int) -> Bool {
        with { state in
            guard state.channels.indices.contains(place), var channel = state.channels[place] else { return false }
            channel.told += 1
            state.channels[place]?.told = channel.told
            let mark = EventMark(
                node: node.index,
                channel: channel.number,
                count: channel.told,
                sent: NIODeadline.now().uptimeNanoseconds
            )
            let (type, members) = SimulatedEvent.common[turn % SimulatedEvent.common.count]
            state.say(
                SimulatedEvent(type, members, channel: channel, on: node, mark: mark),
                to: channel.application
            )
            return channel.application != nil
        }
    }

    /// A caller hangs up.
    /// - Returns: whether there is such a call.
    @discardableResult
    func hangUp(_ id: String) -> Bool {
        with { state in
            guard let channel = state.channel(id, on: node) else { return false }
            if let bridge = channel.bridge { leave(bridge, channel.number, &state) }
            if let application = channel.application {
                state.say(SimulatedEvent("StasisEnd", channel: channel, on: node), onlyTo: application)
            }
            let cause = ",\"cause\":16,\"cause_txt\":\"Normal Clearing\""
            let end = SimulatedEvent("ChannelDestroyed", cause, channel: channel, on: node)
            state.say(end, to: channel.application)
            state.channels[channel.number - 1] = nil
            return true
        }
    }

    /// The agent has rewritten the list of client applications.
    func register(_ applications: [String]) {
        with { state in
            for application in applications where !state.applications.contains(application) {
                state.say(SimulatedEvent("ApplicationRegistered", on: node), onlyTo: application)
            }
            for application in state.applications where !applications.contains(application) {
                state.say(SimulatedEvent("ApplicationUnregistered", on: node), onlyTo: application)
            }
            state.applications = applications
        }
        flush()
    }
}
