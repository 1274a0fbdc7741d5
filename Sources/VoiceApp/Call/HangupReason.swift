/// What the caller's side is told when a call is hung up, in ARI's words.
public enum HangupReason: String, Sendable, Hashable, CaseIterable {
    case normal
    case busy
    case congestion
    case noAnswer = "no_answer"
    case timeout
    case rejected
    case unallocated
    case normalUnspecified = "normal_unspecified"
    case numberIncomplete = "number_incomplete"
    case codecMismatch = "codec_mismatch"
    case interworking
    case failure
    case answeredElsewhere = "answered_elsewhere"
}
