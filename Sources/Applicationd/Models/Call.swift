import ARI

/// A call of an application, as clients of both eras read it: a channel, and what is known beyond it.
package struct Call: Codable, Sendable, Hashable, Identifiable {
    /// The channel's id.
    package var id: String
    package var callerIDName: String
    package var callerIDNumber: String
    /// ISO 8601, as Asterisk writes it.
    package var creationTime: String
    /// What the calls of one conversation have in common: the id of the first channel.
    package var conversationID: String
    /// Asterisk's word: `Down`, `Ring`, `Progress`, `Ringing`, `Up`.
    package var status: String
    /// Whether it was put on hold through us.
    package var isOnHold: Bool
    /// Whether the party called us, rather than we it.
    package var isCaller: Bool
    /// The number that was dialled.
    package var dialedExtension: String?
    /// Channel variables whose name begins with `X_WAZO_`.
    package var variables: [String: String]
    /// The node it is in.
    package var nodeUUID: String?
    /// The class of music on hold it hears.
    package var mohUUID: String?
    package var isMuted: Bool
    /// Whether the caller is told that it rings.
    package var isProgressing: Bool
    /// What listens to it, or for it.
    package var snoops: [String: SnoopRole]
    package var userUUID: String?
    package var tenantUUID: String?

    /// A call's part in a snoop.
    package struct SnoopRole: Codable, Sendable, Hashable {
        package var uuid: String
        /// `snooper` or `snooped`.
        package var role: String
    }

    enum CodingKeys: String, CodingKey {
        case id, status, variables, snoops
        case callerIDName = "caller_id_name"
        case callerIDNumber = "caller_id_number"
        case creationTime = "creation_time"
        case conversationID = "conversation_id"
        case isOnHold = "on_hold"
        case isCaller = "is_caller"
        case dialedExtension = "dialed_extension"
        case nodeUUID = "node_uuid"
        case mohUUID = "moh_uuid"
        case isMuted = "muted"
        case isProgressing = "progress"
        case userUUID = "user_uuid"
        case tenantUUID = "tenant_uuid"
    }

    /// A call that is only known by its channel.
    package init(_ channel: Channel, tenant: String?) {
        id = channel.id
        callerIDName = channel.caller.name
        callerIDNumber = channel.caller.number
        creationTime = channel.creationtime
        conversationID = channel.id
        status = channel.state
        isOnHold = false
        isCaller = ChannelKind(channel) != .originated
        dialedExtension = Self.dialed(channel)
        variables = (channel.channelvars ?? [:]).filter { CallVariable.isShown($0.key) }
        isMuted = false
        isProgressing = false
        snoops = [:]
        userUUID = channel.channelvars?[CallVariable.user]
        tenantUUID = tenant
    }

    /// Takes over what a newer description of the channel says.
    mutating func update(_ channel: Channel) {
        callerIDName = channel.caller.name
        callerIDNumber = channel.caller.number
        status = channel.state
    }

    /// The number is in the dialplan of a channel that came in, and in the name of a Local one (`Local/1234@default-00000001;1`).
    private static func dialed(_ channel: Channel) -> String? {
        if channel.name.hasPrefix("Local/") {
            return channel.name.dropFirst("Local/".count).split(separator: "@").first.map(String.init)
        }
        let number = channel.dialplan.exten
        return number.isEmpty ? nil : number
    }
}

/// Channel variables through which every instance, and the dialplan, knows of a call what its channel does not say.
enum CallVariable {
    static let muted = "WAZO_CALL_MUTED"
    static let progress = "WAZO_CALL_PROGRESS"
    static let onHold = "XIVO_ON_HOLD"
    static let musicOnHold = "WAZO_MOH_UUID"
    static let user = "XIVO_USERUUID"
    static let autoAnswer = "WAZO_AUTO_ANSWER"

    /// Whether a variable is among those that a call shows.
    static func isShown(_ name: String) -> Bool { name.hasPrefix("X_WAZO_") }
}
