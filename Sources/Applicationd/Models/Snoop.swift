/// One call that listens to another, and may speak to it unheard by the third party.
package struct Snoop: Codable, Sendable, Hashable, Identifiable {
    /// Whom the listening call speaks to.
    package enum WhisperMode: String, Codable, Sendable, Hashable, CaseIterable {
        /// The party of the snooped call does not hear it, whom that party speaks with does.
        case `in`
        /// The party of the snooped call hears it.
        case out
        case both
        case none
    }

    package var uuid: String
    package var snoopedCallID: String
    package var snoopingCallID: String
    package var whisperMode: WhisperMode

    package var id: String { uuid }

    enum CodingKeys: String, CodingKey {
        case uuid
        case snoopedCallID = "snooped_call_id"
        case snoopingCallID = "snooping_call_id"
        case whisperMode = "whisper_mode"
    }

    package init(uuid: String, snoopedCallID: String, snoopingCallID: String, whisperMode: WhisperMode) {
        self.uuid = uuid
        self.snoopedCallID = snoopedCallID
        self.snoopingCallID = snoopingCallID
        self.whisperMode = whisperMode
    }
}

/// What is recorded of a snoop below `application-snoops/`, as JSON.
struct SnoopRecord: Codable, Sendable, Hashable {
    var snoop: Snoop
    /// The channel that listens; nil where only the event was heard.
    var channel: String?
}
