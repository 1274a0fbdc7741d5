/// A call leg as ARI describes it (model `Channel` of `rest-api/channels.json`).
public struct Channel: Codable, Sendable, Hashable, Identifiable {
    public var id: String
    /// Technology, endpoint and a serial number, such as `PJSIP/edge-00000001`; unique on one node only.
    public var name: String
    /// `Down`, `Rsrvd`, `OffHook`, `Dialing`, `Ring`, `Ringing`, `Up`, `Busy`, `Dialing Offhook`, `Pre-ring` or `Unknown`.
    public var state: String
    /// The technology's own id of the call: the Call-ID for SIP.
    public var protocolID: String?
    public var caller: CallerID
    public var connected: CallerID
    public var dialplan: DialplanPosition
    public var accountcode: String?
    public var language: String?
    /// When the channel was made, ISO 8601 with milliseconds and zone.
    public var creationtime: String
    /// Variables set with `report_events`, and those named by `channelvars` in `ari.conf`.
    public var channelvars: [String: String]?

    enum CodingKeys: String, CodingKey {
        case id, name, state, caller, connected, dialplan, accountcode, language, creationtime, channelvars
        case protocolID = "protocol_id"
    }

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
    public var name: String
    public var number: String

    public init(name: String, number: String) {
        self.name = name
        self.number = number
    }
}

/// Where a channel is in the dialplan (model `DialplanCEP`).
public struct DialplanPosition: Codable, Sendable, Hashable {
    public var context: String
    /// The dialled number, for a channel that came in.
    public var exten: String
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

    public init(context: String, exten: String, priority: Int, appName: String? = nil, appData: String? = nil) {
        self.context = context
        self.exten = exten
        self.priority = priority
        self.appName = appName
        self.appData = appData
    }
}
