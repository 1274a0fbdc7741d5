import Foundation

/// An ARI request, taken apart as far as routing needs it.
package struct ARIRequest: Sendable, Hashable {
    /// `GET`, `POST`, `PUT`, `DELETE`, ...
    package var method: String
    /// What follows `/ari`, split at slashes and then percent-decoded, so that an id may hold a slash.
    package var path: [String]
    /// Query parameters, the last of each name.
    package var query: [String: String]
    /// `X-Asterisk-ID`: the node the client wants.
    package var node: String?

    package init(method: String, path: [String], query: [String: String] = [:], node: String? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.node = node
    }

    /// Takes the target of a request line apart.
    /// - Parameter prefix: what comes before the path, `/ari`.
    /// - Returns: nil if the target is not below the prefix.
    package init?(method: String, target: String, prefix: String, node: String? = nil) {
        // By bytes: to look for whole characters takes several times as long.
        let bytes = target.utf8
        guard bytes.starts(with: prefix.utf8) else { return nil }
        let start = bytes.index(bytes.startIndex, offsetBy: prefix.utf8.count)
        guard start < bytes.endIndex, bytes[start] == UInt8(ascii: "/") else { return nil }
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        self.init(
            method: method,
            path: bytes[bytes.index(after: start)..<(mark ?? bytes.endIndex)]
                .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .map { Self.decode(Substring($0)) },
            query: mark.map { Self.parameters(target[bytes.index(after: $0)...]) } ?? [:],
            node: node
        )
    }

    /// Whether Asterisk answers it from memory, at once, and being asked twice does no harm. A variable may be a function that takes its
    /// time.
    package var isQuick: Bool {
        guard method == "GET" else { return false }
        switch (path.first, path.count) {
        case ("channels", 2), ("playbacks", 2): return true
        case ("channels", 3):
            return path[2] == "variable" && query["variable"]?.utf8.contains(UInt8(ascii: "(")) == false
        case ("asterisk", 2): return path[1] == "ping"
        default: return false
        }
    }

    /// Decodes `a=b&c=d`, of a query or of a form.
    package static func parameters(_ text: Substring) -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = decode(spaced(parts[0]))
            let value = parts.count > 1 ? decode(spaced(parts[1])) : ""
            // ARI takes lists as repeated parameters or joined by commas.
            parameters[name] = parameters[name].map { $0 + "," + value } ?? value
        }
        return parameters
    }

    /// In queries and forms a plus sign stands for a space.
    private static func spaced(_ text: Substring.SubSequence) -> String {
        text.utf8.contains(UInt8(ascii: "+")) ? String(text.map { $0 == "+" ? " " : $0 }) : String(text)
    }

    private static func decode(_ text: some StringProtocol) -> String {
        text.utf8.contains(UInt8(ascii: "%")) ? text.removingPercentEncoding ?? String(text) : String(text)
    }
}
