/// The logarithmic sample codes of telephony (ITU-T G.711).
extension Codec {
    /// The code of digital silence.
    var silence: UInt8 { encode(0) }

    func encode(_ sample: Int16) -> UInt8 { self == .pcmu ? Self.muLaw(sample) : Self.aLaw(sample) }

    func decode(_ code: UInt8) -> Int16 {
        self == .pcmu ? Self.muLawSamples[Int(code)] : Self.aLawSamples[Int(code)]
    }

    private static func muLaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(abs(Int(sample)), 32635) + 132
        let exponent = magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount - 7
        let mantissa = (magnitude >> (exponent + 3)) & 0x0f
        return ~UInt8((sample < 0 ? 0x80 : 0) | exponent << 4 | mantissa)
    }

    private static func aLaw(_ sample: Int16) -> UInt8 {
        let value = Int(sample) >> 3
        let magnitude = value < 0 ? -value - 1 : value
        let top = magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount
        let exponent = max(0, top - 4)
        let mantissa = (magnitude >> max(1, exponent)) & 0x0f
        return UInt8((value < 0 ? 0 : 0x80) | exponent << 4 | mantissa) ^ 0x55
    }

    private static let muLawSamples: [Int16] = (0...255).map { code in
        let bits = 255 - code
        let magnitude = ((bits & 0x0f) << 3 + 132) << ((bits >> 4) & 7) - 132
        return Int16(bits & 0x80 != 0 ? -magnitude : magnitude)
    }

    private static let aLawSamples: [Int16] = (0...255).map { code in
        let bits = code ^ 0x55
        let exponent = (bits >> 4) & 7
        let base = (bits & 0x0f) << 4 + 8
        let magnitude = exponent == 0 ? base : (base + 256) << (exponent - 1)
        return Int16(bits & 0x80 == 0 ? -magnitude : magnitude)
    }
}
