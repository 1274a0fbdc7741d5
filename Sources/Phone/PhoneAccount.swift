/// The SIP account that a ``Phone`` calls with, and the edge it calls through.
package struct PhoneAccount: Sendable, Hashable {
    /// How SIP messages travel.
    package enum Transport: String, Sendable, CaseIterable { case udp, tcp }

    /// The account name; also the caller's number.
    package var user: String
    /// The secret for digest authentication.
    package var password: String
    /// The edge: a name or an address, without brackets.
    package var host: String
    /// The edge's SIP port.
    package var port: Int
    /// How SIP messages travel to the edge.
    package var transport: Transport

    /// An account at an edge.
    package init(user: String, password: String, host: String, port: Int = 5060, transport: Transport = .udp) {
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.transport = transport
    }

    /// The edge as it is written in a SIP URI.
    var hostPort: String { port == 5060 ? bracketedHost : "\(bracketedHost):\(port)" }

    /// The domain of the account; realms and domains carry no port.
    var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }
}
