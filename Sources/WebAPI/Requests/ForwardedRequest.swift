import HTTPTypes

/// What one proxy says of the request it passed on (`X-Forwarded-For`, `-Proto`, `-Host`, and `X-Script-Name`).
package struct ForwardedRequest: Sendable, Hashable {
    /// Where the client is.
    package var address: String?
    /// `http` or `https`, as the client used it.
    package var scheme: String?
    /// What the client called us, with a port if it gave one.
    package var host: String?
    /// The path before ours at the proxy, such as `/api/auth`; empty without a proxy.
    package var scriptName = ""

    init() {}

    /// The last value of a list counts: only that one was written by the proxy next to us.
    init(_ headers: HTTPFields) {
        address = Self.last(headers, "X-Forwarded-For").filter { $0.count <= 64 }
        scheme = Self.last(headers, "X-Forwarded-Proto").filter { ["http", "https"].contains($0) }
        host = Self.last(headers, "X-Forwarded-Host").filter { $0.count <= 255 }
        if let name = Self.last(headers, "X-Script-Name"), Self.isPath(name) { scriptName = name }
    }

    static func isForwarded(_ headers: HTTPFields) -> Bool {
        ["X-Forwarded-For", "X-Real-IP", "Forwarded"].contains { name in
            HTTPField.Name(name).map(headers.contains) ?? false
        }
    }

    private static func last(_ headers: HTTPFields, _ name: String) -> String? {
        guard let name = HTTPField.Name(name), let value = headers[values: name].last?.split(separator: ",").last
        else { return nil }
        let text = value.drop { $0 == " " }
        return text.isEmpty ? nil : String(text)
    }

    private static func isPath(_ text: String) -> Bool {
        text.count <= 128 && text.hasPrefix("/") && !text.hasPrefix("//") && !text.hasSuffix("/")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/-_.".contains($0)) }
    }
}

extension Optional {
    fileprivate func filter(_ isWanted: (Wrapped) -> Bool) -> Self { flatMap { isWanted($0) ? $0 : nil } }
}
