import ARI
import Registry

/// How a program that opens an event socket is told of the calls that its applications have already: they lived on while nobody listened.
package enum Standing: String, Sendable, CaseIterable {
    /// By a `ChannelUserevent` named ``eventName``, which programs that do not know it ignore.
    case userEvent = "ChannelUserevent"
    /// As if each call came now: for programs that keep nothing.
    case stasisStart = "StasisStart"
    case none

    /// The `eventname` of what is said of one channel; its `userevent` has the arguments with which the channel entered the application.
    package static let eventName = "ChannelResumed"

    /// What is to be said, in order of the channels' creation.
    /// - Parameter encode: turns a model into JSON.
    package func events(
        of applications: [String],
        in state: borrowing FleetState,
        timestamp: String,
        encode: (any Encodable) -> JSONValue
    ) -> [AddressedEvent] {
        guard self != .none else { return [] }
        var found: [(channel: Channel, application: String, entityID: String)] = []
        for (node, mirror) in state.mirrors {
            for known in mirror.channels.values where known.leg == nil {
                guard let application = known.application, applications.contains(application) else { continue }
                found.append((known.channel, application, state.nodes[node]?.id ?? ""))
            }
        }
        found.sort { ($0.channel.creationtime, $0.channel.id) < ($1.channel.creationtime, $1.channel.id) }
        return found.map { channel, application, entityID in
            var event: [String: JSONValue] = [
                "type": .string(rawValue), "application": .string(application), "timestamp": .string(timestamp),
                "asterisk_id": .string(entityID), "channel": encode(channel),
            ]
            let arguments = Welcome.arguments(of: channel)
            if self == .stasisStart {
                event["args"] = .array(arguments)
            } else {
                event["eventname"] = .string(Self.eventName)
                event["userevent"] = ["eventname": .string(Self.eventName), "args": .array(arguments)]
            }
            return AddressedEvent(application: application, event: .object(event))
        }
    }
}
