/// What a call is told by the event feed.
enum Notice: Sendable, Hashable {
    case digit(Character)
    case playbackFinished(id: String, failed: Bool)
    case recordingFinished(name: String, seconds: Int)
    case recordingFailed(name: String, cause: String)
    case leftBridge(id: String)
    /// The end is near: what fails from now on fails because of it.
    case leaving
    case legRinging(id: String)
    case legBusy(id: String)
    case legAnswered(id: String)
    case legEnded(id: String, cause: Int?)

    /// Who waits for it; nil for what concerns the call as a whole.
    var subject: Subject? {
        switch self {
        case .digit, .leaving: nil
        case .playbackFinished(let id, _): .playback(id)
        case .recordingFinished(let name, _), .recordingFailed(let name, _): .recording(name)
        case .leftBridge(let id): .bridge(id)
        case .legRinging(let id), .legBusy(let id), .legAnswered(let id), .legEnded(let id, _): .leg(id)
        }
    }
}

/// Something that a call can wait for.
enum Subject: Sendable, Hashable {
    case playback(String)
    case recording(String)
    case bridge(String)
    case leg(String)
}

/// What the one who waits for a ``Subject`` reads.
enum Report: Sendable, Hashable {
    case notice(Notice)
    /// The feed was interrupted: what is waited for may have happened unnoticed. Ask.
    case maybeMissed
}
