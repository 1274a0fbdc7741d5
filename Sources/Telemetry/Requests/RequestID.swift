/// What a request is called in logs, and in its answer: as the client or a proxy called it, else by a name of our own.
package enum RequestID {
    package static let header = "X-Request-ID"
    private static let maximumLength = 128

    /// - Parameters:
    ///   - given: what the request's header says, if there is one.
    ///   - number: what to make a name of otherwise; a random one if nil.
    package static func of(_ given: String?, otherwise number: UInt64? = nil) -> String {
        guard let given, isSane(given) else { return name(number ?? .random(in: .min ... .max)) }
        return given
    }

    /// Twelve letters and digits for 60 of the bits: so short a string needs no memory, and by bits is quicker than by division.
    private static func name(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 12) { name in
            for place in 0..<12 { name[place] = digits[Int((number >> (5 * UInt64(place))) & 31)] }
            return 12
        }
    }

    /// Those of RFC 4648, section 7, in lower case.
    private static let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    /// Whether it can stand in a log line and in a header as it is.
    package static func isSane(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= maximumLength
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
