import ARI

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
    var terminateOn = ARIClient.RecordingTerminator.nothing

    enum CodingKeys: String, CodingKey {
        case format, beep
        case maxDuration = "max_duration_seconds"
        case maxSilence = "max_silence_seconds"
        case terminateOn = "terminate_on"
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        format =
            try container.decodeIfPresent(.format, matching: Self.formats.contains, "wav, ulaw, alaw, gsm or sln")
            ?? format
        maxDuration = try container.seconds(.maxDuration)
        maxSilence = try container.seconds(.maxSilence)
        beep = try container.decodeIfPresent(Bool.self, forKey: .beep) ?? beep
        terminateOn =
            try container.decodeIfPresent(.terminateOn, matching: Self.terminators.contains, "none, any, * or #")
            .flatMap(ARIClient.RecordingTerminator.init) ?? terminateOn
    }

    private static let formats: Set = ["wav", "ulaw", "alaw", "gsm", "sln"]
    private static let terminators: Set = Set(ARIClient.RecordingTerminator.allCases.map(\.rawValue))
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
