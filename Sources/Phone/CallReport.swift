import Foundation

/// What became of one call.
public struct CallReport: Codable, Sendable {
    /// Who ended an answered call.
    public enum Party: String, Codable, Sendable { case caller, callee }

    /// The number dialled.
    public var number: String
    /// The SIP `Call-ID`.
    public var callID: String
    /// The final SIP status: 200 when answered; 408 also when nothing came back, 487 when given up while ringing.
    public var status: Int
    /// The reason phrase that came with ``status``.
    public var reason: String
    /// nil when nobody answered.
    public var answeredAt: Date?
    /// Seconds from the first INVITE to the answer.
    public var timeToAnswer: Double?
    /// Seconds from the answer to the first sound packet.
    public var timeToSound: Double?
    /// Seconds from the answer to the end.
    public var duration: Double?
    /// nil when the call was not answered.
    public var hungUpBy: Party?
    /// `PCMU` or `PCMA`.
    public var codec: String?
    /// RTP packets that came, each counted once.
    public var packetsReceived: Int
    /// RTP packets that never came.
    public var packetsLost: Int
    /// The WAV file of what was heard.
    public var recording: String?
    /// The levels of the tones asked for.
    public var tones: [ToneLevel]
    /// The sentences recognised, one after the other; nil when none were asked for or none recognised.
    public var words: [String]?

    /// Whether the callee answered.
    public var wasAnswered: Bool { answeredAt != nil }
}

/// How loud one tone was.
public struct ToneLevel: Codable, Sendable, Hashable {
    /// The frequency measured.
    public var hertz: Double
    /// Relative to a full-scale sine; silence is far below -60.
    public var decibels: Double

    /// A level at a frequency.
    public init(hertz: Double, decibels: Double) {
        self.hertz = hertz
        self.decibels = decibels
    }

    /// Whether a listener would notice it.
    public var isHeard: Bool { decibels > -40 }
}
