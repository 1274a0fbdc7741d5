/// The SIP account that a ``Phone`` calls with, and the edge it calls through.
public struct PhoneAccount: Sendable, Hashable {
    /// How SIP messages travel.
    public enum Transport: String, Sendable, CaseIterable { case udp, tcp }

    /// The account name; also the caller's number.
    public var user: String
    /// The secret for digest authentication.
    public var password: String
    /// The edge: a name or an address, without brackets.
    public var host: String
    /// The edge's SIP port.
    public var port: Int
    /// How SIP messages travel to the edge.
    public var transport: Transport

    /// An account at an edge.
    public init(user: String, password: String, host: String, port: Int = 5060, transport: Transport = .udp) {
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
