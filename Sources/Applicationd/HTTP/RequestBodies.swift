/// What clients send, checked while it is read: what a body holds that cannot be used is named in the answer.

/// What the ways of placing a call have in common.
struct CallOptions: Sendable, Hashable {
    var isAutoAnswered = false
    var variables: [String: String] = [:]
    var callerName: String?
    var callerNumber: String?

    /// As ARI takes it; nil leaves it to the dialplan.
    var callerID: String? {
        switch (callerName, callerNumber) {
        case (nil, nil): nil
        case (let name?, nil): name
        case (let name, let number?): "\"\(name ?? "")\" <\(number)>"
        }
    }

    /// Those of the client, and what the dialplan reads.
    var channelVariables: [String: String] {
        isAutoAnswered ? variables.merging([CallVariable.autoAnswer: "1"]) { own, _ in own } : variables
    }
}

/// `POST .../calls`: a number to dial.
struct CallRequest: Decodable, Sendable {
    var `extension`: String
    var context: String
    var options: CallOptions

    enum CodingKeys: String, CodingKey {
        case exten, context
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        `extension` = try container.decode(.exten, matching: DialText.isExtension, "letters, digits and + * # _ . -")
        context = try container.decode(.context, matching: DialText.isContext, "letters, digits and _ . -")
        options = try CallOptions(from: decoder)
    }
}

/// `POST .../nodes/{node_uuid}/calls/user`: a subscriber to call.
struct UserCallRequest: Decodable, Sendable {
    var userUUID: String
    var options: CallOptions

    enum CodingKeys: String, CodingKey {
        case userUUID = "user_uuid"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        userUUID = try container.decode(.userUUID, matching: DialText.isContext, "letters, digits and _ . -")
        options = try CallOptions(from: decoder)
    }
}

extension CallOptions: Decodable {
    enum CodingKeys: String, CodingKey {
        case autoanswer, variables
        case callerName = "displayed_caller_id_name"
        case callerNumber = "displayed_caller_id_number"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        isAutoAnswered = try container.decodeIfPresent(Bool.self, forKey: .autoanswer) ?? false
        variables = try container.decodeIfPresent([String: String].self, forKey: .variables) ?? [:]
        guard variables.count <= 100, variables.allSatisfy({ DialText.isVariable($0) && DialText.isValue($1) }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .variables,
                in: container,
                debugDescription: "at most 100 variables, named by letters, digits and _, with values of at most 1024 characters"
            )
        }
        callerName = try container.decodeIfPresent(
            .callerName,
            matching: { $0.unicodeScalars.count <= 80 && DialText.isValue($0) && !$0.contains { "\"<>".contains($0) } },
            "at most 80 characters without quotes and angle brackets"
        )
        callerNumber = try container.decodeIfPresent(
            .callerNumber,
            matching: DialText.isExtension,
            "letters, digits and + * # _ . -"
        )
    }
}

/// `POST .../nodes`: at least one call.
struct NodeRequest: Decodable, Sendable {
    private struct Member: Decodable { var id: String }

    /// Calls that one request may name.
    static let limit = 1000

    var calls: [String]

    enum CodingKeys: CodingKey { case calls }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        calls = try container.decode([Member].self, forKey: .calls).map(\.id)
        guard (1...Self.limit).contains(calls.count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .calls,
                in: container,
                debugDescription: "1 to \(Self.limit) calls"
            )
        }
    }
}

/// `POST .../calls/{call_id}/playbacks`.
struct PlaybackRequest: Decodable, Sendable {
    var uri: String
    var language: String?

    enum CodingKeys: CodingKey { case uri, language }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        uri = try container.decode(.uri, matching: { !$0.isEmpty && DialText.isValue($0) }, "1 to 1024 characters")
        language = try container.decodeIfPresent(.language, matching: DialText.isContext, "such as en or fr_CA")
    }
}

/// `POST .../calls/{call_id}/recordings`; nothing in it is needed.
struct RecordingRequest: Decodable, Sendable {
    var format = "wav"
    var maxDuration = 0
    var maxSilence = 0
    var beep = false
    var terminateOn = "none"

    enum CodingKeys: String, CodingKey {
        case format, beep
        case maxDuration = "max_duration_seconds"
        case maxSilence = "max_silence_seconds"
        case terminateOn = "terminate_on"
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        format = try container.decodeIfPresent(.format, matching: Self.formats.contains, "wav, ulaw, alaw, gsm or sln") ?? format
        maxDuration = try container.seconds(.maxDuration)
        maxSilence = try container.seconds(.maxSilence)
        beep = try container.decodeIfPresent(Bool.self, forKey: .beep) ?? beep
        terminateOn =
            try container.decodeIfPresent(.terminateOn, matching: Self.terminators.contains, "none, any, * or #")
            ?? terminateOn
    }

    private static let formats: Set = ["wav", "ulaw", "alaw", "gsm", "sln"]
    private static let terminators: Set = ["none", "any", "*", "#"]
}

/// `POST .../calls/{call_id}/snoops`.
struct SnoopRequest: Decodable, Sendable {
    var snoopingCallID: String
    var whisperMode: Snoop.WhisperMode

    enum CodingKeys: String, CodingKey {
        case snoopingCallID = "snooping_call_id"
        case whisperMode = "whisper_mode"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        snoopingCallID = try container.decode(.snoopingCallID, matching: { !$0.isEmpty }, "a call's id")
        whisperMode = try container.decodeIfPresent(Snoop.WhisperMode.self, forKey: .whisperMode) ?? .none
    }
}

/// `PUT .../snoops/{snoop_uuid}`.
struct SnoopUpdate: Decodable, Sendable {
    var whisperMode: Snoop.WhisperMode

    enum CodingKeys: String, CodingKey {
        case whisperMode = "whisper_mode"
    }

    init(from decoder: any Decoder) throws {
        whisperMode =
            try decoder.container(keyedBy: CodingKeys.self)
            .decodeIfPresent(Snoop.WhisperMode.self, forKey: .whisperMode) ?? .none
    }
}

/// `PUT .../calls/{call_id}/variables/{variable}`.
struct VariableRequest: Decodable, Sendable {
    var value: String

    enum CodingKeys: CodingKey { case value }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        value = try container.decode(.value, matching: DialText.isValue, "at most 1024 characters without control characters")
    }
}
