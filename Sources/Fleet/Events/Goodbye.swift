import ARI

/// The events that a lost node could not send, so that no application holds ghosts.
package enum Goodbye {
    /// Q.850 cause 38, network out of order.
    static let cause = 38
    static let causeText = "Network out of order"

    /// Says goodbye for every real channel of a node that is gone, in the order Asterisk would have used: it leaves its bridge,
    /// its application, and then the world.
    /// - Parameters:
    ///   - bridge: the fleet's view of a bridge without the lost node's channels; nil when the bridge is gone too.
    ///   - encode: turns a model into JSON.
    package static func events(
        of mirror: NodeMirror,
        entityID: String,
        timestamp: String,
        bridge: (String) -> Bridge?,
        encode: (any Encodable) -> JSONValue
    ) -> [AddressedEvent] {
        var farewells: [AddressedEvent] = []
        func say(_ type: String, to application: String, _ fields: [String: JSONValue]) {
            var event = fields
            event["type"] = .string(type)
            event["application"] = .string(application)
            event["timestamp"] = .string(timestamp)
            event["asterisk_id"] = .string(entityID)
            farewells.append(AddressedEvent(application: application, event: .object(event)))
        }
        for playback in mirror.playbacks.values.sorted(by: { $0.id < $1.id }) {
            guard playback.targetURI.hasPrefix("channel:"),
                let application = mirror.channels[String(playback.targetURI.dropFirst("channel:".count))]?.application
            else { continue }
            var failed = playback
            failed.state = "failed"
            say("PlaybackFinished", to: application, ["playback": encode(failed)])
        }
        for (_, known) in mirror.channels.sorted(by: { $0.key < $1.key }) {
            guard known.leg == nil, let application = known.application, application != NodeMirror.observer else {
                continue
            }
            let channel = encode(known.channel)
            if let id = known.bridge, let left = bridge(id) ?? emptied(mirror.bridges[id]) {
                say("ChannelLeftBridge", to: application, ["bridge": encode(left), "channel": channel])
            }
            say("StasisEnd", to: application, ["channel": channel])
            say(
                "ChannelDestroyed",
                to: application,
                ["cause": .integer(cause), "cause_txt": .string(causeText), "channel": channel]
            )
        }
        return farewells
    }

    private static func emptied(_ bridge: Bridge?) -> Bridge? {
        var empty = bridge
        empty?.channels = []
        return empty
    }
}
