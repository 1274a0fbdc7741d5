/// Where the edge stands.
package struct EdgeStatus: Sendable, Hashable {
    /// What Kamailio is doing.
    package var phase = Phase.starting
    /// Kamailio's process id while it runs.
    package var pid: Int32?
    /// Nodes that calls can go to.
    package var activeNodes = 0
    /// Contacts that phones have registered, counted now and then.
    package var registrations = 0

    /// Whether calls can be made.
    package var isReady: Bool { reasons.isEmpty }

    /// Why calls cannot be made.
    package var reasons: [String] {
        switch phase {
        case .starting: ["Kamailio is starting"]
        case .stopped: ["Kamailio is stopped"]
        case .serving: activeNodes == 0 ? ["no node takes calls"] : []
        }
    }

    /// What Kamailio is doing.
    package enum Phase: String, Sendable, Codable {
        /// Not filled yet, or starting again after an exit; phones get no answer.
        case starting
        /// Filled with subscribers, routes and nodes; calls pass.
        case serving
        case stopped
    }
}

/// One contact of a subscriber: a phone.
package struct Registration: Sendable, Hashable, Codable {
    /// The account's name.
    package var subscriber: String
    /// The URI that calls to it are sent to.
    package var contact: String
    /// The phone's public address, where it differs from the contact (NAT, TCP).
    package var received: String?
    /// How the phone describes itself.
    package var userAgent: String
    /// Seconds until it must register again.
    package var expires: Int
}
