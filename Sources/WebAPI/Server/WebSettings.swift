import Access
import NIOCore
import Registry

/// Where an HTTP API listens, and what it bears from its clients.
package struct WebSettings: Sendable {
    package var address: HostPort
    /// Paths that a proxy may put before ours, such as `/api/auth`: a request is the same with and without.
    package var prefixes: [String] = []
    /// Whose word is taken for where a request came from.
    package var proxies = TrustedProxies.thisHost
    /// How errors that no route makes are written.
    package var errors = ErrorStyle.wazo
    /// Bytes of a request's body.
    package var maximumBody = 1 << 20
    /// Bytes of all header lines together, and how many they may be.
    package var maximumHeader = 32 << 10
    package var maximumHeaderFields = 100
    /// Connections at once; further ones wait to be accepted.
    package var maximumConnections = 1024
    /// How long a connection may say nothing, and how long a head may take to arrive.
    package var idleTimeout = TimeAmount.seconds(30)
    /// How long the rest of a request may take to arrive, and how long a client may take to read its answer.
    package var transferTimeout = TimeAmount.seconds(30)

    package init(address: HostPort) { self.address = address }
}
