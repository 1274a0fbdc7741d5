import Access
import NIOCore
import Registry

/// How a gateway listens, whom it lets in, and its bounds.
package struct GatewaySettings: Sendable {
    /// Where it listens.
    package var address: HostPort
    /// Unique among the gateways of the fleet.
    package var name = "gateway"
    /// Where the other gateways and nginx reach it; nil: where it listens.
    package var advertised: HostPort?
    /// Who may use `/ari`.
    package var ariUsers: [Credentials]
    /// Who may use `/fleet`.
    package var operators: [Credentials]
    /// How often an address may give wrong passwords and tokens.
    package var failedLogins = LoginThrottle.Bounds()
    /// Proxies that are believed where a client is (`X-Forwarded-For`).
    package var proxies = TrustedProxies.thisHost
    /// How long an event socket goes on at most before its token is checked again.
    package var tokenRecheck: Duration = .seconds(60)
    /// The largest request body; Asterisk takes 40,960 bytes.
    package var maxBodySize: Int = 64 << 10
    /// Upstream connections kept per node and event loop; one Asterisk takes 100 sessions in all.
    package var upstreamConnections: Int = 24
    /// Requests that may wait for an upstream connection, per node and event loop; more are refused with 503.
    package var upstreamQueue: Int = 1024
    /// How long a node may take to answer.
    package var upstreamTimeout: TimeAmount = .seconds(30)
    /// How long a client may say nothing: then an HTTP connection is closed, and an event socket asked whether it is there. Longer
    /// than ``upstreamTimeout``, so that a slow answer is not cut off.
    package var idleTimeout: TimeAmount = .seconds(60)
    /// Bytes that may wait for a slow reader of events; beyond it the socket is closed with 1008. As much as a node keeps while the
    /// broker is away, for all of that comes at once when it is back.
    package var eventBacklog: Int = 64 << 20
    /// How long an application stays registered on the nodes after its last socket closed.
    package var applicationLinger: Duration = .seconds(5)
    /// How long opening an event socket waits for the nodes to register its applications.
    package var applicationTimeout: Duration = .seconds(2)
    /// How long each end of a leg may take to be seen on its node. An INVITE to a dead node gets no answer at all.
    package var legPatience: Duration = .seconds(2)
    /// How long a phone that is asked to call again may take. It does so by itself.
    package var referralPatience: Duration = .seconds(3)

    package init(address: HostPort, ariUsers: [Credentials], operators: [Credentials]) {
        self.address = address
        self.ariUsers = ariUsers
        self.operators = operators
    }
}
