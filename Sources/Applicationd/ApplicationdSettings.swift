import Access
import NIOCore
import Registry

/// Where applicationd listens, how it reaches the gateway, and whom it believes.
package struct ApplicationdSettings: Sendable {
    /// Where it listens.
    package var address: HostPort
    /// Unique among the instances of the fleet.
    package var name = "applicationd"
    /// Where nginx and others reach it; nil: where it listens.
    package var advertised: HostPort?
    /// Proxies that are believed where a client is.
    package var proxies = TrustedProxies.thisHost
    /// ARI's base URL at the gateway.
    package var gateway = "http://127.0.0.1:8088/ari"
    /// Who it is there.
    package var gatewayUser: Credentials
    /// The id of this installation, in every event (`origin_uuid`).
    package var origin = "00000000-0000-0000-0000-000000000000"
    /// The classes of music on hold that the nodes have.
    package var musicClasses = ["default"]
    /// How long the gateway may take to answer.
    package var gatewayTimeout: TimeAmount = .seconds(10)

    package init(address: HostPort, gatewayUser: Credentials) {
        self.address = address
        self.gatewayUser = gatewayUser
    }
}
