import Crypto
import Foundation

/// Ids that follow from names (RFC 4122 version 5), so that every instance, and a client of its own, finds the same one.
package enum NamedUUID {
    private static let namespace: [UInt8] = [
        0xbc, 0xfc, 0xc0, 0xdf, 0xa4, 0xa4, 0x40, 0xfb, 0xb7, 0x60, 0xf2, 0x5e, 0xea, 0x31, 0xe9, 0x5d,
    ]

    /// The id of the application that was registered under a name; also the name of its Stasis application.
    package static func application(_ name: String) -> String { make(name) }

    /// The id of an application's node that was created under a name; also the id of its bridge.
    package static func node(_ name: String, of application: String) -> String { make("\(application)-\(name)") }

    /// Whether a text is a UUID, as the ids of applications are: lower-case hexadecimal digits in the usual groups.
    package static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) } }
    }

    private static func make(_ name: String) -> String {
        var bytes = Array(Insecure.SHA1.hash(data: Data(namespace) + Data(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        let cuts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return cuts.map { digits[$0].joined() }.joined(separator: "-")
    }
}
