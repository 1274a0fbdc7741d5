/// A SIP account that may register at the edge.
package struct SubscriberRecord: Codable, Sendable, Hashable {
    /// The digest of `user:realm:password` (HA1 of RFC 2617 section 3.2.2.2), lower-case hex; the password itself is never stored.
    package var ha1: String
    /// The digest realm that ``ha1`` was made for.
    package var realm: String

    package init(ha1: String, realm: String) {
        self.ha1 = ha1
        self.realm = realm
    }
}
