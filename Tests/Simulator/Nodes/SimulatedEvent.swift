import NIOCore

/// An event of a simulated Asterisk, before it is addressed: the agent's application and the client's get a copy each.
struct SimulatedEvent: Sendable {
    /// What is told of channels that are up, in turn, with the members that only this type has.
    static let common = [
        ("ChannelDtmfReceived", ",\"digit\":\"5\",\"duration_ms\":120"),
        ("ChannelVarset", ",\"variable\":\"PLAYED\",\"value\":\"welcome\""),
        ("ChannelTalkingStarted", ""),
        ("ChannelStateChange", ""),
        ("ChannelDialplan", ",\"dialplan_app\":\"Stasis\",\"dialplan_app_data\":\"\""),
    ]

    /// All but the address and the end.
    private var text: ByteBuffer

    /// - Parameter members: of its type only, each behind a comma.
    init(
        _ type: String,
        _ members: String = "",
        channel: SimulatedChannel? = nil,
        on node: SimulatedNode,
        mark: EventMark? = nil
    ) {
        text = ByteBufferAllocator().buffer(capacity: 1024)
        text.writeString("{\"type\":\"")
        text.writeString(type)
        text.writeString("\",\"timestamp\":\"")
        text.writeString(SimulatedChannel.timestamp)
        text.writeString("\"")
        text.writeString(members)
        if let channel {
            text.writeString(",\"channel\":")
            text.write(channel, on: node, mark: mark)
        }
        text.writeString(",\"asterisk_id\":\"")
        text.writeString(node.entityID)
        text.writeString("\",\"application\":\"")
    }

    /// The copy for one application.
    func addressed(to application: String) -> ByteBuffer {
        var copy = text
        copy.writeString(application)
        copy.writeString("\"}")
        return copy
    }
}
