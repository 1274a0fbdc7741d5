/// Sound being played to a channel or a bridge (model `Playback`).
public struct Playback: Codable, Sendable, Hashable, Identifiable {
    /// Chosen by the client or by Asterisk.
    public var id: String
    /// What is played, such as `sound:hello-world`.
    public var mediaURI: String
    /// `channel:ID` or `bridge:ID`.
    public var targetURI: String
    /// The language of the sound.
    public var language: String?
    /// `queued`, `playing`, `continuing`, `done` or `failed`.
    public var state: String

    enum CodingKeys: String, CodingKey {
        case id, language, state
        case mediaURI = "media_uri"
        case targetURI = "target_uri"
    }
}

/// A recording in progress (model `LiveRecording`).
public struct LiveRecording: Codable, Sendable, Hashable {
    /// Under which the recording is stored.
    public var name: String
    /// The file format, such as `wav`.
    public var format: String
    /// `channel:ID` or `bridge:ID`.
    public var targetURI: String
    /// `queued`, `recording`, `paused`, `done`, `failed` or `canceled`.
    public var state: String
    /// Length in seconds, when done.
    public var duration: Int?
    /// Why it failed, when it did.
    public var cause: String?

    enum CodingKeys: String, CodingKey {
        case name, format, state, duration, cause
        case targetURI = "target_uri"
    }
}
