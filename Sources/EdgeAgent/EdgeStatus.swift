/// Where the edge stands.
public struct EdgeStatus: Sendable, Hashable {
    /// What Kamailio is doing.
    public var phase = Phase.starting
    /// Kamailio's process id while it runs.
    public var pid: Int32?
    /// Nodes that calls can go to.
    public var activeNodes = 0
    /// Contacts that phones have registered, counted now and then.
    public var registrations = 0

    /// What Kamailio is doing.
    public enum Phase: String, Sendable, Codable {
        /// Not filled yet, or starting again after an exit; phones get no answer.
        case starting
        /// Filled with subscribers, routes and nodes; calls pass.
        case serving
        case stopped
    }
}

/// One contact of a subscriber: a phone.
public struct Registration: Sendable, Hashable, Codable {
    /// The account's name.
    public var subscriber: String
    /// The URI that calls to it are sent to.
    public var contact: String
    /// The phone's public address, where it differs from the contact (NAT, TCP).
    public var received: String?
    /// How the phone describes itself.
    public var userAgent: String
    /// Seconds until it must register again.
    public var expires: Int
}
