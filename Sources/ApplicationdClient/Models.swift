/// A call of an application.
public struct ApplicationCall: Codable, Sendable, Hashable, Identifiable {
    /// The id of its channel.
    public var id: String
    /// The name of the party; may be empty.
    public var callerIDName: String
    /// The number of the party; may be empty.
    public var callerIDNumber: String
    /// ISO 8601.
    public var creationTime: String
    /// What the calls of one conversation have in common.
    public var conversationID: String
    /// `Down`, `Ring`, `Progress`, `Ringing` or `Up`.
    public var status: String
    /// Whether it was put on hold.
    public var isOnHold: Bool
    /// Whether the party called, rather than was called.
    public var isCaller: Bool
    /// The number that was dialled.
    public var dialedExtension: String?
    /// Channel variables whose name begins with `X_WAZO_`.
    public var variables: [String: String]
    /// The node it is in.
    public var nodeUUID: String?
    /// The class of music on hold it hears.
    public var mohUUID: String?
    /// Whether it was muted.
    public var isMuted: Bool
    /// Whether the caller is told that it rings.
    public var isProgressing: Bool
    /// The user whose phone it is, where that is known.
    public var userUUID: String?
    /// The tenant of the application.
    public var tenantUUID: String?

    enum CodingKeys: String, CodingKey {
        case id, status, variables
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
}

/// Calls of an application that hear one another.
public struct ApplicationNode: Codable, Sendable, Hashable, Identifiable {
    /// A call in a node.
    public struct Member: Codable, Sendable, Hashable {
        /// The call's id.
        public var id: String
    }

    /// Unique in the fleet.
    public var uuid: String
    /// Who is in it.
    public var calls: [Member]

    /// Unique in the fleet.
    public var id: String { uuid }
}

/// Sound that is played to a call.
public struct ApplicationPlayback: Codable, Sendable, Hashable {
    /// Unique in the fleet.
    public var uuid: String
    /// What is played.
    public var uri: String
    /// The language of the sound.
    public var language: String?
    /// `queued`, `playing`, `continuing`, `done` or `failed`.
    public var state: String
}

/// A recording in progress.
public struct ApplicationRecording: Codable, Sendable, Hashable {
    /// Unique in the fleet; also the name under which the call's node stores it.
    public var uuid: String
    /// The call.
    public var call_id: String
    /// Such as `wav`.
    public var format: String
    /// `queued`, `recording`, `paused`, `done`, `failed` or `canceled`.
    public var state: String
}

/// One call that listens to another.
public struct ApplicationSnoop: Codable, Sendable, Hashable {
    /// Unique in the fleet.
    public var uuid: String
    /// Who is listened to.
    public var snoopedCallID: String
    /// Who listens.
    public var snoopingCallID: String
    /// Whom the listener speaks to.
    public var whisperMode: WhisperMode

    enum CodingKeys: String, CodingKey {
        case uuid
        case snoopedCallID = "snooped_call_id"
        case snoopingCallID = "snooping_call_id"
        case whisperMode = "whisper_mode"
    }
}

/// Whom a call that listens speaks to.
public enum WhisperMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// Those with whom the snooped party speaks.
    case `in`
    /// The snooped party.
    case out
    /// Both.
    case both
    /// Nobody.
    case none
}
