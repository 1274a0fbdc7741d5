/// What the fleet knows of one node: who it is, where it answers, and whether it takes calls.
///
/// The key is ``name``: two Asterisks on one host derive the same entity id from the MAC address, so the registry
/// refuses a second node with either an equal name or an equal id.
package struct NodeRecord: Codable, Sendable, Hashable, Identifiable {
    /// Short human name (`ast1`); also Asterisk's `systemname`, so channel ids begin with it.
    package var name: String
    /// Asterisk's entity id (`asterisk_id` in events, `X-Asterisk-ID` in requests), from `asterisk.conf`.
    package var id: String
    /// The speakable name that callers hear; it stays with the node.
    package var nickname: String
    /// Where the node takes SIP (UDP).
    package var sip: HostPort
    /// Where the node answers ARI over HTTP.
    package var ari: HostPort
    /// The user and password for the node's ARI.
    package var ariCredentials: Credentials
    /// Identifies one run of the Asterisk process: it changes at every restart, when all earlier channels are gone.
    package var incarnation: String
    /// Whether Asterisk answers and its event link is up.
    package var health: Health
    /// Whether the node is draining (Consul's maintenance mode): no new calls, the ones there go on.
    package var isDraining: Bool
    /// Relative share of new calls under weighted balancing; 1 is an ordinary node.
    package var weight: Int
    /// Process id of Asterisk on its host, for operators.
    package var pid: Int?

    /// Whether a node can be given work.
    package enum Health: String, Codable, Sendable {
        /// Asterisk has been started and does not answer yet.
        case starting
        /// Asterisk answers and its event link is up.
        case passing
        /// The node's agent says that Asterisk is gone or hangs.
        case critical
        /// The registry has lost touch with the node, which may well be alive: whoever depends on it asks it directly.
        case suspect
    }

    package init(
        name: String,
        id: String,
        nickname: String,
        sip: HostPort,
        ari: HostPort,
        ariCredentials: Credentials,
        incarnation: String,
        health: Health = .starting,
        isDraining: Bool = false,
        weight: Int = 1,
        pid: Int? = nil
    ) {
        self.name = name
        self.id = id
        self.nickname = nickname
        self.sip = sip
        self.ari = ari
        self.ariCredentials = ariCredentials
        self.incarnation = incarnation
        self.health = health
        self.isDraining = isDraining
        self.weight = weight
        self.pid = pid
    }

    /// Whether new calls may be placed on the node.
    package var takesCalls: Bool { health == .passing && !isDraining }
}

/// A host and a port, written `host:port`.
package struct HostPort: Codable, Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, without brackets.
    package var host: String
    /// A TCP or UDP port.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A user name and a secret, which never prints.
package struct Credentials: Codable, Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    package var user: String
    package var password: String

    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    package var description: String { "\(user):<secret>" }
    package var debugDescription: String { description }
}
