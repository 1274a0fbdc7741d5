import ARI

/// The `StasisStart` that applications missed, so that no caller waits for one who does not know of him.
package enum Welcome {
    /// - Parameters:
    ///   - entered: channels in the applications that they are listed in.
    ///   - encode: turns a model into JSON.
    package static func events(
        for entered: [MirroredChannel],
        entityID: String,
        timestamp: String,
        encode: (any Encodable) -> JSONValue
    ) -> [AddressedEvent] {
        entered.map { (known: $0, channel: $0.channel) }
            .sorted { ($0.channel.creationtime, $0.channel.id) < ($1.channel.creationtime, $1.channel.id) }
            .compactMap { known, channel in
                guard known.leg == nil, let application = known.application, application != NodeMirror.observer else {
                    return nil
                }
                return AddressedEvent(
                    application: application,
                    event: [
                        "type": "StasisStart", "application": .string(application), "timestamp": .string(timestamp),
                        "asterisk_id": .string(entityID), "args": .array(arguments(of: channel)),
                        "channel": encode(channel),
                    ]
                )
            }
    }

    /// What follows the application's name in the argument of `Stasis`.
    static func arguments(of channel: Channel) -> [JSONValue] {
        let data = channel.dialplan.appData ?? ""
        return data.split(separator: ",", omittingEmptySubsequences: false).dropFirst().map { .string(String($0)) }
    }
}
