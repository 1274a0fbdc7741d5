import ARI

/// Why an operation on a call failed.
public enum CallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The caller has gone, or the call has left the application.
    case hungUp
    /// Asterisk could not play it: no such sound, or a URL that cannot be fetched.
    case playbackFailed(Media)
    case recordingFailed(String, cause: String)
    /// A conference was closed as often as the call tried to enter.
    case conferenceUnavailable(String)
    /// The application was started without a ``SoundServer``.
    case noSpeech
    /// The server refused or could not be reached.
    case failed(ARIError)

    /// What happened, and what to look at.
    public var description: String {
        switch self {
        case .hungUp: "the call has been hung up"
        case .playbackFailed(let media): "\(media) could not be played; see the log of the Asterisk that has the call"
        case .recordingFailed(let name, let cause): "the recording \(name) failed: \(cause)"
        case .conferenceUnavailable(let name): "the conference \(name) keeps closing"
        case .noSpeech: "this application has no speech; give its runner a SoundServer"
        case .failed(let error): "\(error)"
        }
    }
}

extension ARIError {
    /// Whether it says that the channel has gone, or belongs to this application no longer.
    var meansHungUp: Bool {
        guard case .refused(let status, let message, _) = self else { return false }
        return switch status {
        case 400, 404: message.contains("Channel not found")
        case 409, 422: message.contains("not in Stasis") || message.contains("not in a Stasis")
        default: false
        }
    }
}
