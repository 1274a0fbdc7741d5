/// An ARI event: the fields that programs act on. Which are set depends on ``type``, as ``Message`` says.
///
/// ``Message`` is generated and has all fields of every event, each of its own type. A fleet reads, changes and says events by the
/// thousand a second, most of which it only passes on; it needs one type for all of them, and this reads no more than it needs.
public struct Event: Codable, Sendable, Hashable {
    /// Such as `StasisStart`, `ChannelDestroyed`, `PlaybackFinished`.
    public var type: String
    /// The application it is addressed to.
    public var application: String?
    /// ISO 8601 with milliseconds and zone.
    public var timestamp: String?
    /// Entity id of the node it comes from.
    public var asteriskID: String?

    /// The channel it is about.
    public var channel: Channel?
    /// The bridge it is about.
    public var bridge: Bridge?
    /// The playback it is about.
    public var playback: Playback?
    /// The recording it is about.
    public var recording: LiveRecording?
    /// For `StasisStart`: the channel that this one replaces.
    public var replacedChannel: Channel?
    /// For `Dial`: the called side.
    public var peer: Channel?
    /// For `Dial`: empty while in progress, then `RINGING`, `ANSWER`, `BUSY`, `NOANSWER`, `CANCEL`, `CONGESTION`, `CHANUNAVAIL`.
    public var dialstatus: String?
    /// For `StasisStart`.
    public var args: [String]?
    /// For `ChannelDtmfReceived`.
    public var digit: String?
    /// For `ChannelDtmfReceived`, milliseconds.
    public var durationMilliseconds: Int?
    /// For `ChannelHangupRequest` and `ChannelDestroyed`: the Q.850 cause.
    public var cause: Int?
    /// For `ChannelDestroyed`.
    public var causeText: String?
    /// For `ChannelVarset`.
    public var variable: String?
    /// For `ChannelVarset`.
    public var value: String?
    /// For `EndpointStateChange`, `PeerStatusChange`, `ContactStatusChange` and `TextMessageReceived`.
    public var endpoint: Endpoint?
    /// For `DeviceStateChanged`.
    public var deviceState: DeviceState?

    enum CodingKeys: String, CodingKey {
        case type, application, timestamp, channel, bridge, playback, recording, peer, dialstatus, args, digit, cause
        case variable, value, endpoint
        case asteriskID = "asterisk_id"
        case replacedChannel = "replace_channel"
        case durationMilliseconds = "duration_ms"
        case causeText = "cause_txt"
        case deviceState = "device_state"
    }

    /// Reads an event. What it does not know, it leaves out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys) throws -> Value? {
            try container.decodeIfPresent(Value.self, forKey: key)
        }
        type = try container.decode(String.self, forKey: .type)
        application = try read(.application)
        timestamp = try read(.timestamp)
        asteriskID = try read(.asteriskID)
        channel = try read(.channel)
        bridge = try read(.bridge)
        playback = try read(.playback)
        recording = try read(.recording)
        replacedChannel = try read(.replacedChannel)
        // In `PeerStatusChange` the peer is not a channel.
        peer = try? read(.peer)
        dialstatus = try read(.dialstatus)
        args = try read(.args)
        digit = try read(.digit)
        durationMilliseconds = try read(.durationMilliseconds)
        cause = try read(.cause)
        causeText = try read(.causeText)
        variable = try read(.variable)
        value = try read(.value)
        endpoint = try read(.endpoint)
        deviceState = try read(.deviceState)
    }

    /// An event with the fields that most events have.
    public init(
        type: String,
        application: String? = nil,
        timestamp: String? = nil,
        channel: Channel? = nil,
        bridge: Bridge? = nil
    ) {
        self.type = type
        self.application = application
        self.timestamp = timestamp
        self.channel = channel
        self.bridge = bridge
    }
}
