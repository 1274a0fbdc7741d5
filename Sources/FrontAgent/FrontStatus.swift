import Registry

/// Where the front stands.
package struct FrontStatus: Sendable, Hashable {
    /// What nginx is doing.
    package var phase = Phase.starting
    /// nginx's process id while it runs.
    package var pid: Int32?
    /// The gateways that requests go to.
    package var gateways: [HostPort] = []
    /// Why nginx still has an older configuration.
    package var problem: String?

    /// What nginx is doing.
    package enum Phase: String, Sendable, Codable {
        /// Started, or started again, and not answering yet.
        case starting
        case serving
        case stopped
    }
}
