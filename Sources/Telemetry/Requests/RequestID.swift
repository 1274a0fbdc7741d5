/// What a request is called in logs, and in its answer: as the client or a proxy called it, else by a name of our own.
package enum RequestID {
    package static let header = "X-Request-ID"
    private static let maximumLength = 128

    /// - Parameters:
    ///   - given: what the request's header says, if there is one.
    ///   - number: what to make a name of otherwise; a random one if nil.
    package static func of(_ given: String?, otherwise number: UInt64? = nil) -> String {
        // 13 digits of base 36 at most, which needs no memory.
        guard let given, isSane(given) else { return String(number ?? .random(in: .min ... .max), radix: 36) }
        return given
    }

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
