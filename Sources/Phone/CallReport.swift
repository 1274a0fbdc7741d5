import Foundation

/// What became of one call.
package struct CallReport: Codable, Sendable {
    /// Who ended an answered call.
    package enum Party: String, Codable, Sendable { case caller, callee }

    /// The number dialled.
    package var number: String
    /// The SIP `Call-ID`.
    package var callID: String
    /// The final SIP status: 200 when answered; 408 also when nothing came back, 487 when given up while ringing.
    package var status: Int
    /// The reason phrase that came with ``status``.
    package var reason: String
    /// nil when nobody answered.
    package var answeredAt: Date?
    /// Seconds from the first INVITE to the answer.
    package var timeToAnswer: Double?
    /// Seconds from the answer to the first sound packet.
    package var timeToSound: Double?
    /// Seconds from the answer to the end.
    package var duration: Double?
    /// nil when the call was not answered.
    package var hungUpBy: Party?
    /// `PCMU` or `PCMA`.
    package var codec: String?
    /// RTP packets that came, each counted once.
    package var packetsReceived: Int
    /// RTP packets that never came.
    package var packetsLost: Int
    /// The WAV file of what was heard.
    package var recording: String?
    /// The levels of the tones asked for.
    package var tones: [ToneLevel]
    /// The sentences recognised, one after the other; nil when none were asked for or none recognised.
    package var words: [String]?

    /// Whether the callee answered.
    package var wasAnswered: Bool { answeredAt != nil }
}

/// How loud one tone was.
package struct ToneLevel: Codable, Sendable, Hashable {
    /// The frequency measured.
    package var hertz: Double
    /// Relative to a full-scale sine; silence is far below -60.
    package var decibels: Double

    /// A level at a frequency.
    package init(hertz: Double, decibels: Double) {
        self.hertz = hertz
        self.decibels = decibels
    }

    /// Whether a listener would notice it.
    package var isHeard: Bool { decibels > -40 }
}
