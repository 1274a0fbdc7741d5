import ARI

/// What the caller's side is told when a call is hung up, in ARI's words.
public typealias HangupReason = ARIClient.HangupReason
