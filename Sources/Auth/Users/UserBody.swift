import Foundation
import HTTPTypes
import WebAPI

/// What a client says of a user.
struct UserBody: Decodable, Sendable {
    var uuid: String?
    var username: String?
    var password: String?
    var firstname: String?
    var lastname: String?
    var email_address: String?
    var purpose: String?
    var enabled: Bool?
    var authentication_method: String?

    static let methods: Set = ["default", "native", "ldap", "saml"]

    /// - Throws: ``WebError`` 400.
    func check() throws(WebError) {
        try Field.check(username, "username", 1...256)
        try Field.check(password, "password", 1...4096)
        try Field.check(firstname, "firstname", 0...256)
        try Field.check(lastname, "lastname", 0...256)
        if let uuid, UUID(uuidString: uuid) == nil { throw .invalid("uuid", "is no UUID") }
        if let email_address { try EmailBody.check(email_address) }
        if let purpose, User.Purpose(rawValue: purpose) == nil {
            throw .invalid("purpose", "must be user, internal or external_api")
        }
        if let method = authentication_method, !Self.methods.contains(method) {
            throw .invalid("authentication_method", "must be default, native, ldap or saml")
        }
    }
}

/// Addresses of a user.
struct EmailsBody: Decodable, Sendable {
    var emails: [EmailBody]
}

struct EmailBody: Decodable, Sendable {
    var address: String
    var main: Bool?
    var confirmed: Bool?

    /// - Throws: ``WebError`` 400 for what is no address.
    static func check(_ address: String) throws(WebError) {
        try Field.check(address, "email_address", 3...254)
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !address.contains(where: \.isWhitespace) else {
            throw .invalid("email_address", "is no e-mail address")
        }
    }
}

struct PasswordBody: Decodable, Sendable {
    var old_password: String?
    var new_password: String
}
