import ARI

/// What a list says that events did not: after the events were interrupted, or by another leader's end.
extension Chronicle {
    /// Compares an application's calls and nodes with those that exist: what is missing is announced as if its event had come.
    /// - Parameters:
    ///   - channels: those of the application.
    ///   - bridges: every bridge of the fleet.
    mutating func resynchronise(
        _ application: String,
        channels: [Channel],
        bridges: [Bridge]
    ) -> [Directive] {
        var directives: [Directive] = []
        let existing = Set(channels.map(\.id))
        for id in self[application].calls.keys.sorted() where !existing.contains(id) {
            directives += endCall(id, application)
        }
        for (snoop, record) in self[application].snoops.sorted(by: { $0.key < $1.key })
        where record.channel.map({ !existing.contains($0) }) ?? false {
            directives.append(.endSnoop(snoop, application: application, channel: record.channel))
        }
        for channel in channels {
            // A channel that is still being dialled enters the application later, with an event of its own.
            if self[application].calls[channel.id] == nil, let arguments = Self.arguments(of: channel, application) {
                directives += start(channel, arguments, application)
            } else {
                directives += change(channel, application)
            }
        }
        let nodes = bridges.filter { $0.name == application }
        for id in self[application].nodes.keys.sorted() where !nodes.contains(where: { $0.id == id }) {
            directives += endNode(id, application)
        }
        for bridge in nodes {
            self[application].endedNodes[bridge.id] = nil
            directives += createNode(bridge.id, application)
            directives += fill(bridge, application)
        }
        return directives
    }

    /// The arguments with which a channel sits in the application; nil when it does not. The dialplan shows them of a channel that
    /// came in; of one that we dialled, being up is all there is.
    private static func arguments(of channel: Channel, _ application: String) -> [String]? {
        if channel.dialplan.appName == "Stasis" {
            let words = (channel.dialplan.appData ?? "").split(separator: ",", omittingEmptySubsequences: false)
            return words.first.map(String.init) == application ? words.dropFirst().map(String.init) : nil
        }
        return ChannelKind(channel) == .originated && channel.state == "Up" ? ["originate"] : nil
    }
}
