/// One of the two WebSockets between an agent and its Asterisk.
enum AsteriskLink: String, Sendable, Hashable {
    /// Everything that happens on the node, for the agent's own application.
    case observer
    /// The client applications' events.
    case applications
}

/// A link came up or went down. Connections are numbered, since a new one may come before the old one is found dead.
struct LinkChange: Sendable, Hashable {
    var link: AsteriskLink
    var connection: Int
    var isUp: Bool
}
