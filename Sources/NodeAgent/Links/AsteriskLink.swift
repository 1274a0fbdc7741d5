/// One of the two WebSockets between an agent and its Asterisk.
package enum AsteriskLink: String, Sendable, Hashable {
    /// Everything that happens on the node, for the agent's own application.
    case observer
    /// The client applications' events.
    case applications
}

/// A link came up or went down. Connections are numbered, since a new one may come before the old one is found dead.
package struct LinkChange: Sendable, Hashable {
    /// Which of the two.
    package var link: AsteriskLink
    /// Its number.
    package var connection: Int
    /// Whether it came.
    package var isUp: Bool
}
