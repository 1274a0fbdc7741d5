/// An RTP packet (RFC 3550 section 5.1).
struct RTPPacket: Sendable, Hashable {
    var isMarked = false
    var payloadType: UInt8
    var sequence: UInt16
    var timestamp: UInt32
    var source: UInt32
    var payload: [UInt8]

    init(
        isMarked: Bool = false,
        payloadType: UInt8,
        sequence: UInt16,
        timestamp: UInt32,
        source: UInt32,
        payload: [UInt8]
    ) {
        self.isMarked = isMarked
        self.payloadType = payloadType
        self.sequence = sequence
        self.timestamp = timestamp
        self.source = source
        self.payload = payload
    }

    /// Reads a datagram; nil when it is not RTP version 2.
    init?(bytes: [UInt8]) {
        guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return nil }
        isMarked = bytes[1] & 0x80 != 0
        payloadType = bytes[1] & 0x7f
        sequence = UInt16(truncatingIfNeeded: Self.number(bytes[2..<4]))
        timestamp = Self.number(bytes[4..<8])
        source = Self.number(bytes[8..<12])
        var start = 12 + 4 * Int(bytes[0] & 0x0f)
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= start + 4 else { return nil }
            start += 4 + 4 * Int(Self.number(bytes[(start + 2)..<(start + 4)]))
        }
        var end = bytes.count
        if bytes[0] & 0x20 != 0, let padding = bytes.last { end -= Int(padding) }
        guard start <= end else { return nil }
        payload = Array(bytes[start..<end])
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [0x80, payloadType | (isMarked ? 0x80 : 0)]
        bytes.append(contentsOf: [UInt8(sequence >> 8), UInt8(truncatingIfNeeded: sequence)])
        for word in [timestamp, source] {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return bytes + payload
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
