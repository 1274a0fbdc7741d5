/// The address of a Consul agent: `http://127.0.0.1:8500`, `https://consul.example`, or just `127.0.0.1:8500`.
package struct ConsulAddress: Sendable, Hashable, CustomStringConvertible {
    /// Whether the connection is encrypted.
    package var isSecure: Bool
    /// A name or an address, without brackets.
    package var host: String
    /// The port of Consul's HTTP API.
    package var port: Int

    package init(isSecure: Bool = false, host: String, port: Int = 8500) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }

    /// - Throws: ``ConsulAddressError`` when the text is no address.
    package init(_ text: String) throws(ConsulAddressError) {
        var rest = text[...]
        isSecure = rest.hasPrefix("https://")
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let portText: Substring?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw ConsulAddressError(text: text) }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts.first.map(String.init) ?? ""
            portText = parts.count > 1 ? parts[1] : nil
        }
        port = portText.map { Int($0) ?? 0 } ?? (isSecure ? 8501 : 8500)
        let forbidden = host.contains { $0.isWhitespace || "/?#@".contains($0) }
        guard !host.isEmpty, !forbidden, (1...65535).contains(port) else { throw ConsulAddressError(text: text) }
    }

    /// A list as settings have it, separated by commas.
    package static func list(_ text: String) throws(ConsulAddressError) -> [ConsulAddress] {
        var addresses: [ConsulAddress] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            addresses.append(try ConsulAddress(String(part)))
        }
        guard !addresses.isEmpty else { throw ConsulAddressError(text: text) }
        return addresses
    }

    package var description: String {
        "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

/// A text that is no address of a Consul agent.
package struct ConsulAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was given.
    package var text: String

    package var description: String {
        "\"\(text)\" is no Consul address; write http://host:8500 or https://host:8501, several with commas between"
    }
}
