import Foundation
import Registry

/// How the front is run.
package struct FrontSettings: Sendable {
    /// Where the public origin listens.
    package var address: HostPort
    /// Certificate chain and key as PEM files; nil speaks plain HTTP.
    package var tls: TLS?
    /// Where nginx's configuration, logs and temporary files are; it stays between runs.
    package var directory: URL
    /// Worker processes of nginx.
    package var workers = min(max(ProcessInfo.processInfo.activeProcessorCount, 2), 4)
    /// The user that workers run as when we are root; nil is the current user.
    package var workerUser: String?
    /// Whether each request is logged, without its query, which may hold a key.
    package var accessLog = false
    /// The largest body for the gateways, in bytes.
    package var maximumBody = 64 << 10
    /// The largest body for applicationd, websocketd and auth, in bytes.
    package var maximumServiceBody = 1 << 20
    /// How long a server may take for its connection.
    package var connectTimeout = Duration.seconds(1)
    /// How long a server may take to answer; longer than a gateway waits for a node.
    package var answerTimeout = Duration.seconds(35)
    /// How long an event socket may be silent; gateway and websocketd ask a silent client every 60 s whether it is there.
    package var eventTimeout = Duration.seconds(90)
    /// How often nginx and the gateways are asked whether they answer.
    package var probeInterval = Duration.seconds(1)
    /// How long a probe waits.
    package var probeTimeout = Duration.seconds(1)
    /// How long servers are kept after the registry shows none at all: it may have lost its data.
    package var emptyGrace = Duration.seconds(60)

    /// Two PEM files.
    package struct TLS: Sendable, Hashable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Settings with the usual bounds.
    package init(address: HostPort = HostPort(host: "127.0.0.1", port: 8088), directory: URL) {
        self.address = address
        self.directory = directory
    }
}
