import Foundation

/// Name and password of `Authorization: Basic` (RFC 7617).
struct BasicCredentials: Sendable, Hashable {
    /// Longer ones are nobody's.
    private static let longest = 4096

    var name: String
    var password: String

    /// - Parameter header: the value of `Authorization`.
    /// - Returns: nil when it is something else.
    init?(header: String?) {
        guard let header, header.utf8.count <= Self.longest, header.prefix(6).lowercased() == "basic " else {
            return nil
        }
        let encoded = header.dropFirst(6).trimmingCharacters(in: .whitespaces)
        guard let data = Data(base64Encoded: encoded),
            // Old browsers and programs send Latin-1, in which any bytes are text.
            let text = String(validating: data, as: UTF8.self) ?? String(data: data, encoding: .isoLatin1),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        name = String(text[..<colon])
        password = String(text[text.index(after: colon)...])
    }
}
