import Foundation

/// What the wire told of one call; ``CallReport`` adds what listening to it told.
struct CallOutcome: Sendable {
    var ending: CallEnding
    var answeredAt: Date?
    var timeToAnswer: Duration?
    var timeToSound: Double?
    var duration: Duration?
    var codec: Codec?
    var timeline: RecordingTimeline
}

/// A call that is up, for those who want to look at it from elsewhere meanwhile.
package struct AnsweredCall: Sendable {
    /// The number dialled.
    package var number: String
    /// The account that calls; the channel's `caller.number`.
    package var user: String
    /// The channel's `caller.name`.
    package var displayName: String?
    /// The SIP `Call-ID`.
    package var callID: String
    /// From the first INVITE to the answer.
    package var timeToAnswer: Duration
}

extension Duration {
    /// As a fraction of seconds, for people and JSON.
    var inSeconds: Double { self / .seconds(1) }
}
