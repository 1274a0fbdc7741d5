import Crypto
import Foundation

/// Digest authentication as SIP uses it.
package enum SIPDigest {
    /// The stored form of a password: `MD5(user:realm:password)` in lower-case hex, HA1 of RFC 2617 section 3.2.2.2.
    ///
    /// MD5 is what SIP phones speak; it protects a password on the wire, not a stolen table.
    package static func ha1(user: String, realm: String, password: String) -> String {
        Insecure.MD5.hash(data: Data("\(user):\(realm):\(password)".utf8))
            .map { byte in
                let digits = String(byte, radix: 16)
                return byte < 16 ? "0" + digits : digits
            }
            .joined()
    }
}
