import Foundation

/// Where a broker is and who we are to it: `amqp://user:password@host:port/vhost`, or `amqps://` for TLS.
package struct BrokerAddress: Sendable, Hashable, CustomStringConvertible {
    /// Name or IP address.
    package var host: String
    /// 5672, or 5671 with TLS, unless the URL says otherwise.
    package var port: Int
    /// The account; `guest` unless the URL says otherwise.
    package var user: String
    /// The account's password. Never shown.
    package var password: String
    /// The virtual host; `/` unless the URL says otherwise.
    package var virtualHost: String
    /// Whether the connection is encrypted and the broker's certificate verified.
    package var usesTLS: Bool

    /// - Throws: ``RabbitMQSettingsError/badURL(_:)``.
    package init(url: String) throws(RabbitMQSettingsError) {
        let parsed = URLComponents(string: url.trimmingCharacters(in: .whitespaces))
        guard let parts = parsed, let scheme = parts.scheme, ["amqp", "amqps"].contains(scheme),
            let host = parts.host, !host.isEmpty
        else { throw .badURL(Self.withoutPassword(url)) }
        usesTLS = scheme == "amqps"
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? (usesTLS ? 5671 : 5672)
        user = parts.user ?? "guest"
        password = parts.password ?? "guest"
        let path = parts.percentEncodedPath.dropFirst()
        virtualHost = path.isEmpty ? "/" : path.removingPercentEncoding ?? String(path)
    }

    /// Reads a list separated by commas or blanks.
    package static func list(_ text: String) throws(RabbitMQSettingsError) -> [BrokerAddress] {
        var addresses: [BrokerAddress] = []
        for url in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            addresses.append(try BrokerAddress(url: String(url)))
        }
        guard !addresses.isEmpty else { throw .noBroker }
        return addresses
    }

    /// The address without the account.
    package var description: String { "\(usesTLS ? "amqps" : "amqp")://\(host):\(port)" }

    private static func withoutPassword(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@") else { return url }
        return "...\(url[at...])"
    }
}

/// Why settings of the bus cannot be used.
package enum RabbitMQSettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// An address that is no `amqp://` or `amqps://` URL.
    case badURL(String)
    /// An empty list of addresses.
    case noBroker

    package var description: String {
        switch self {
        case .badURL(let url): "'\(url)' is no broker address; write amqp://user:password@host:port/vhost"
        case .noBroker: "no broker is named; set broker to amqp://user:password@host:port"
        }
    }
}
