/// A call leg as ARI describes it (model `Channel` of `rest-api/channels.json`).
public struct Channel: Codable, Sendable, Hashable, Identifiable {
    /// Unique in the fleet: Asterisk's own ids begin with the node's name.
    public var id: String
    /// Technology, endpoint and a serial number, such as `PJSIP/edge-00000001`; unique on one node only.
    public var name: String
    /// `Down`, `Rsrvd`, `OffHook`, `Dialing`, `Ring`, `Ringing`, `Up`, `Busy`, `Dialing Offhook`, `Pre-ring` or `Unknown`.
    public var state: String
    /// The technology's own id of the call: the Call-ID for SIP.
    public var protocolID: String?
    /// The party that this channel leads to.
    public var caller: CallerID
    /// The party that this channel is connected with.
    public var connected: CallerID
    /// Where it is in the dialplan.
    public var dialplan: DialplanPosition
    /// Whom to bill.
    public var accountcode: String?
    /// The language of prompts, such as `en`.
    public var language: String?
    /// When the channel was made, ISO 8601 with milliseconds and zone.
    public var creationtime: String
    /// Variables set with `report_events`, and those named by `channelvars` in `ari.conf`.
    public var channelvars: [String: String]?

    enum CodingKeys: String, CodingKey {
        case id, name, state, caller, connected, dialplan, accountcode, language, creationtime, channelvars
        case protocolID = "protocol_id"
    }

    /// A value from its parts.
    public init(
        id: String,
        name: String,
        state: String,
        protocolID: String? = nil,
        caller: CallerID,
        connected: CallerID,
        dialplan: DialplanPosition,
        accountcode: String? = nil,
        language: String? = nil,
        creationtime: String,
        channelvars: [String: String]? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.protocolID = protocolID
        self.caller = caller
        self.connected = connected
        self.dialplan = dialplan
        self.accountcode = accountcode
        self.language = language
        self.creationtime = creationtime
        self.channelvars = channelvars
    }
}

/// Name and number of a party.
public struct CallerID: Codable, Sendable, Hashable {
    /// The display name; may be empty.
    public var name: String
    /// The number or account; may be empty.
    public var number: String

    /// A value from its parts.
    public init(name: String, number: String) {
        self.name = name
        self.number = number
    }
}

/// Where a channel is in the dialplan (model `DialplanCEP`).
public struct DialplanPosition: Codable, Sendable, Hashable {
    /// The dialplan context.
    public var context: String
    /// The dialled number, for a channel that came in.
    public var exten: String
    /// The step of the extension.
    public var priority: Int
    /// The dialplan application now running, such as `Stasis`.
    public var appName: String?
    /// Its argument: for `Stasis`, the application and the arguments, joined by commas.
    public var appData: String?

    enum CodingKeys: String, CodingKey {
        case context, exten, priority
        case appName = "app_name"
        case appData = "app_data"
    }

    /// A value from its parts.
    public init(context: String, exten: String, priority: Int, appName: String? = nil, appData: String? = nil) {
        self.context = context
        self.exten = exten
        self.priority = priority
        self.appName = appName
        self.appData = appData
    }
}
