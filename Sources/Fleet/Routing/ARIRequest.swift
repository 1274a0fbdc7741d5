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
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix(prefix + "/") else { return nil }
        self.init(
            method: method,
            path: path.dropFirst(prefix.count + 1).split(separator: "/", omittingEmptySubsequences: false)
                .map { Self.decode($0) },
            query: parts.count > 1 ? Self.parameters(parts[1]) : [:],
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
