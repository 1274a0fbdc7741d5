/// What the ways of placing a call have in common.
public struct CallOptions: Encodable, Sendable, Hashable {
    /// Sets `WAZO_AUTO_ANSWER` for the dialplan.
    public var autoanswer = false
    /// Channel variables.
    public var variables: [String: String] = [:]
    /// The caller's name as the called party sees it; nil leaves it to the dialplan.
    public var callerName: String?
    /// The caller's number as the called party sees it; nil leaves it to the dialplan.
    public var callerNumber: String?

    /// Options that leave everything to the dialplan.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case autoanswer, variables
        case callerName = "displayed_caller_id_name"
        case callerNumber = "displayed_caller_id_number"
    }
}

/// A call to a number of the dialplan.
public struct NewCall: Encodable, Sendable, Hashable {
    /// The number.
    public var exten: String
    /// Where in the dialplan it is looked up.
    public var context: String
    /// Everything else.
    public var options: CallOptions

    /// A call to a number.
    public init(_ exten: String, context: String = "default", options: CallOptions = CallOptions()) {
        self.exten = exten
        self.context = context
        self.options = options
    }

    enum CodingKeys: CodingKey { case exten, context }

    /// One object with the options beside number and context.
    public func encode(to encoder: any Encoder) throws {
        try options.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(exten, forKey: .exten)
        try container.encode(context, forKey: .context)
    }
}

/// A call to a subscriber.
struct NewUserCall: Encodable, Sendable {
    var user_uuid: String
    var options: CallOptions

    enum CodingKeys: CodingKey { case user_uuid }

    func encode(to encoder: any Encoder) throws {
        try options.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(user_uuid, forKey: .user_uuid)
    }
}

/// How to record.
public struct NewRecording: Encodable, Sendable, Hashable {
    /// `wav`, `ulaw`, `alaw`, `gsm` or `sln`.
    public var format = "wav"
    /// Seconds, 0 for no limit.
    public var maxDuration = 0
    /// Seconds of silence that end it, 0 for no limit.
    public var maxSilence = 0
    /// Whether a beep comes first.
    public var beep = false
    /// Which digit ends it: `none`, `any`, `*` or `#`.
    public var terminateOn = "none"

    /// Without limits, as WAV.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case format, beep
        case maxDuration = "max_duration_seconds"
        case maxSilence = "max_silence_seconds"
        case terminateOn = "terminate_on"
    }
}
