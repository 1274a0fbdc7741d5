import Foundation
import NIOCore
import Registry

/// Where websocketd listens, how it encrypts, and its bounds.
package struct WebsocketdSettings: Sendable {
    /// Where it listens, with and without TLS on the same port.
    package var address: HostPort
    /// Unique among the instances of the fleet.
    package var name = "websocketd"
    /// Certificate chain and key as PEM files.
    package var certificate: CertificateFiles
    /// How often those files are looked at; a changed certificate meets new connections.
    package var certificateInterval = Duration.seconds(10)
    /// How a session finds out that its token has ended.
    package var recheck = Session.Recheck.dynamic
    /// The tenant whose users see every tenant's events; nil if there is none.
    package var masterTenant: String?
    /// Connections at once; more are closed at once.
    package var maximumConnections = 10_000
    /// How long a client may take from its connection to its first frame.
    package var handshakeTimeout: TimeAmount = .seconds(10)
    /// How often a client is asked whether it is there; one that has said nothing until the next time is let go.
    package var pingInterval: TimeAmount = .seconds(60)
    /// The largest message taken, in bytes.
    package var maximumMessage = 1 << 20
    /// Bytes of events that may wait for a slow reader.
    package var backlog = 8 << 20
    /// Events that may wait on the way from the bus; more end every session, for some would be missed.
    package var busBacklog = 20_000

    package init(address: HostPort, certificate: CertificateFiles) {
        self.address = address
        self.certificate = certificate
    }
}

/// Two PEM files.
package struct CertificateFiles: Sendable, Hashable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Where one of our own making is kept.
    package init(in stateDirectory: URL) {
        self.init(
            certificate: stateDirectory.appending(path: "websocketd.crt").path,
            key: stateDirectory.appending(path: "websocketd.key").path
        )
    }
}
