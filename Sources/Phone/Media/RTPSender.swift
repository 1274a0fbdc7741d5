/// Makes the packet of each 20 ms interval: sound, or a piece of a digit.
struct RTPSender: Sendable {
    static let samplesPerPacket = 160

    private var source: SampleSource
    private var digits: DigitEvents
    private var sequence = UInt16.random(in: 0...UInt16.max)
    private var timestamp = UInt32.random(in: 0...UInt32.max)
    private var digitTimestamp: UInt32 = 0
    private let synchronisationSource = UInt32.random(in: 1...UInt32.max)
    private var isFirst = true

    init(source: SampleSource, digits: DigitEvents) {
        self.source = source
        self.digits = digits
    }

    /// - Parameter pressesDigits: whether the call was answered; digits wait for that.
    mutating func next(to remote: RemoteMedia, pressesDigits: Bool) -> RTPPacket {
        defer {
            sequence &+= 1
            timestamp &+= UInt32(Self.samplesPerPacket)
            isFirst = false
        }
        // The source goes on under a digit, so that a file keeps its pace.
        let samples = source.next(Self.samplesPerPacket)
        if pressesDigits, let type = remote.eventPayloadType, case .event(let payload, let isFirst) = digits.next() {
            // All packets of one digit carry the time of its beginning (RFC 4733 section 2.2.1).
            if isFirst { digitTimestamp = timestamp }
            return packet(type, payload, at: digitTimestamp, isMarked: isFirst)
        }
        return packet(
            remote.codec.payloadType,
            samples.map(remote.codec.encode),
            at: timestamp,
            isMarked: isFirst
        )
    }

    private func packet(_ type: UInt8, _ payload: [UInt8], at timestamp: UInt32, isMarked: Bool) -> RTPPacket {
        RTPPacket(
            isMarked: isMarked,
            payloadType: type,
            sequence: sequence,
            timestamp: timestamp,
            source: synchronisationSource,
            payload: payload
        )
    }
}
