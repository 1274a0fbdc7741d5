import Crypto
import Foundation

/// A digest challenge (RFC 2617 section 3.2.1) and the answer to it. MD5, because that is what SIP servers ask for.
struct DigestChallenge: Sendable, Hashable {
    var realm: String
    var nonce: String
    var opaque: String?
    /// Whether the server lets us answer with `qop=auth`.
    var allowsAuth: Bool
    /// Whether only the nonce was too old, and the password is worth another try.
    var isStale: Bool

    /// Reads a `WWW-Authenticate` or `Proxy-Authenticate` value; nil when it asks for something we cannot do.
    init?(_ value: String) {
        let text = SIPFields.trimmed(value)
        guard text.lowercased().hasPrefix("digest ") else { return nil }
        var values: [String: String] = [:]
        for part in SIPFields.splitList(String(text.dropFirst("digest ".count))) {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            values[SIPFields.trimmed(pair[0]).lowercased()] = SIPFields.unquoted(SIPFields.trimmed(pair[1]))
        }
        guard let realm = values["realm"], let nonce = values["nonce"],
            (values["algorithm"] ?? "MD5").uppercased() == "MD5"
        else { return nil }
        self.realm = realm
        self.nonce = nonce
        opaque = values["opaque"]
        let qualities = (values["qop"] ?? "").split(separator: ",").map { SIPFields.trimmed($0).lowercased() }
        allowsAuth = qualities.contains("auth")
        isStale = values["stale"]?.lowercased() == "true"
    }

    /// The value of the `Authorization` or `Proxy-Authorization` field.
    func answer(user: String, password: String, method: String, uri: String, clientNonce: String) -> String {
        let secret = Self.md5("\(user):\(realm):\(password)")
        let action = Self.md5("\(method):\(uri)")
        var parts = [
            "username=\"\(user)\"", "realm=\"\(realm)\"", "nonce=\"\(nonce)\"", "uri=\"\(uri)\"", "algorithm=MD5",
        ]
        if allowsAuth {
            let response = Self.md5("\(secret):\(nonce):00000001:\(clientNonce):auth:\(action)")
            parts += ["response=\"\(response)\"", "qop=auth", "nc=00000001", "cnonce=\"\(clientNonce)\""]
        } else {
            parts.append("response=\"\(Self.md5("\(secret):\(nonce):\(action)"))\"")
        }
        if let opaque { parts.append("opaque=\"\(opaque)\"") }
        return "Digest " + parts.joined(separator: ", ")
    }

    private static func md5(_ text: String) -> String {
        Insecure.MD5.hash(data: Data(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
