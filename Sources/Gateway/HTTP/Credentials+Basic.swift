import Foundation
import Registry

extension Credentials {
    /// The value of an `Authorization` header (RFC 7617).
    var basicAuthorization: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}
