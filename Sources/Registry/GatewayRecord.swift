/// A gateway that runs: where other gateways, nginx and operators reach it.
package struct GatewayRecord: Codable, Sendable, Hashable, Identifiable {
    /// Unique among gateways, such as `gateway-1`.
    package var name: String
    /// Where it answers HTTP.
    package var address: HostPort

    package var id: String { name }

    package init(name: String, address: HostPort) {
        self.name = name
        self.address = address
    }
}
