import ARI

/// Sound that is played to a call.
package struct CallPlayback: Codable, Sendable, Hashable, Identifiable {
    package var uuid: String
    /// Such as `sound:hello-world`.
    package var uri: String
    package var language: String?
    /// `queued`, `playing`, `continuing`, `done` or `failed`.
    package var state: String

    package var id: String { uuid }

    init(_ playback: Playback) {
        uuid = playback.id
        uri = playback.mediaURI
        language = playback.language
        state = playback.state
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(uuid, forKey: .uuid)
        try container.encode(uri, forKey: .uri)
        try container.encode(language, forKey: .language)
        try container.encode(state, forKey: .state)
    }
}

/// What a call says, kept in a file of its node.
package struct CallRecording: Codable, Sendable, Hashable, Identifiable {
    /// Also the name under which Asterisk stores it.
    package var uuid: String
    package var callID: String
    /// Such as `wav`.
    package var format: String
    /// `queued`, `recording`, `paused`, `done`, `failed` or `canceled`.
    package var state: String

    package var id: String { uuid }

    enum CodingKeys: String, CodingKey {
        case uuid, format, state
        case callID = "call_id"
    }

    init(_ recording: LiveRecording, call: String) {
        uuid = recording.name
        callID = call
        format = recording.format
        state = recording.state
    }
}
