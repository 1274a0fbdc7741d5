import Foundation

/// What to do in one call: whom to dial, what to send, how long to stay, what to listen for.
package struct CallPlan: Sendable {
    /// What the phone sends as its voice.
    package enum Source: Sendable, Hashable {
        case silence
        /// A sine wave at a quarter of full scale.
        case tone(hertz: Double)
        /// A WAV file (16-bit PCM, any rate), once; then silence.
        case file(URL)
    }

    /// When the phone hangs up by itself.
    package enum End: Sendable, Hashable {
        /// So long after the answer.
        case after(Duration)
        /// When so many phrases (sound followed by a pause) were heard, and at the latest after a time.
        case afterPhrases(Int, atMost: Duration)

        var limit: Duration {
            switch self {
            case .after(let limit), .afterPhrases(_, let limit): limit
            }
        }
    }

    /// The number to dial.
    package var number: String
    /// The caller's display name: it arrives as the channel's `caller.name`, so a call can be told from its neighbours.
    package var displayName: String?
    /// When the phone hangs up by itself.
    package var end: End
    /// What the phone sends as its voice.
    package var source: Source
    /// Digits to press, as RFC 4733 events, one second after the answer.
    package var dtmf: String
    /// Where the WAV of what was heard goes; nil keeps no recording.
    package var recording: URL?
    /// Whether to REGISTER for the time of the call.
    package var register: Bool
    /// How long it may ring.
    package var ringLimit: Duration
    /// Tones to measure in what was heard.
    package var tones: [Double]
    /// What may have been said; nil does not look for words.
    package var speech: SpeechVocabulary?

    /// A plan; everything but the number has a sensible value.
    package init(
        number: String,
        displayName: String? = nil,
        end: End = .after(.seconds(10)),
        source: Source = .silence,
        dtmf: String = "",
        recording: URL? = nil,
        register: Bool = false,
        ringLimit: Duration = .seconds(60),
        tones: [Double] = [],
        speech: SpeechVocabulary? = nil
    ) {
        self.number = number
        self.displayName = displayName
        self.end = end
        self.source = source
        self.dtmf = dtmf
        self.recording = recording
        self.register = register
        self.ringLimit = ringLimit
        self.tones = tones
        self.speech = speech
    }
}
