/// A version of Asterisk, as `asterisk -V` prints it.
package struct AsteriskVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var patch: Int

    package init(_ major: Int, _ minor: Int = 0, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `Asterisk 22.10.1+dfsg+~cs6...`, `Asterisk certified/20.7-cert2` and plain `22.5`; nil for anything else.
    package init?(parsing text: String) {
        let word = text.split(whereSeparator: \.isWhitespace).first {
            $0.first?.isNumber == true || $0.hasPrefix("certified/")
        }
        guard let word else { return nil }
        let digits = word.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }
        let parts = digits.split(separator: ".").compactMap { Int($0) }
        guard let major = parts.first else { return nil }
        self.init(major, parts.count > 1 ? parts[1] : 0, parts.count > 2 ? parts[2] : 0)
    }

    /// The oldest release that we run.
    package static let oldestSupported = AsteriskVersion(20)

    /// Whether Asterisk can dial us for events (`websocket_client`, since 22.5 and, on the other branches, 20.15 and 21.10).
    package var hasOutboundWebSockets: Bool {
        switch major {
        case ..<20: false
        case 20: minor >= 15
        case 21: minor >= 10
        case 22: minor >= 5
        default: true
        }
    }

    package var description: String { "\(major).\(minor).\(patch)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}
