import EdgeAgent
import Foundation
import NodeAgent
import Registry

/// A whole fleet on one machine: what `asterism up` runs.
package struct LocalFleetSettings: Sendable {
    /// How many nodes there are at first.
    package var nodes = 2
    /// An address that phones on other machines use, besides loopback.
    package var listen: String?
    /// Where engines, the registry's file and the files of a run are.
    package var stateDirectory: URL
    /// Where the templates are; nil to look for them.
    package var configDirectory: String?
    /// Added to every port, so that fleets can stand side by side.
    package var portOffset = 0
    package var sipPort = 5060
    package var rpcPort = 5065
    package var gatewayPort = 8088
    package var soundPort = 8001
    package var applicationdPort = 8000
    package var websocketdPort = 9502
    package var authPort = 9497
    /// The digest realm of SIP accounts.
    package var realm = "asterism"
    package var balancing = Balancing.roundRobin
    package var link = NodeSettings.LinkChoice.automatic
    /// Who may use ARI. The default is for the local demo only: with ``listen`` ARI still answers on loopback alone.
    package var ariUser = Credentials(user: "wazo", password: "wazo")
    /// The command that speaks; nil for espeak-ng.
    package var speechCommand: [String]?
    /// Whether Consul, RabbitMQ and nginx are used, and every role is a process of its own.
    package var cluster = false
    /// Whether to make the subscriber `demo` and the routes of the demo applications.
    package var demo = true

    package init(stateDirectory: URL) { self.stateDirectory = stateDirectory }

    /// The state directory of this user: `/var/lib/asterism` for root, else below `XDG_STATE_HOME`.
    package static func defaultStateDirectory(environment: [String: String]) -> URL {
        if geteuid() == 0 { return URL(filePath: "/var/lib/asterism") }
        if let state = environment["XDG_STATE_HOME"], !state.isEmpty {
            return URL(filePath: state).appending(path: "asterism")
        }
        return URL(filePath: environment["HOME"] ?? "/tmp").appending(path: ".local/state/asterism")
    }

    /// Gateways of a cluster on one machine: enough to lose one.
    static let gateways = 2

    var consul: HostPort { HostPort(host: "127.0.0.1", port: port(8500)) }
    var broker: HostPort { HostPort(host: "127.0.0.1", port: port(5672)) }

    /// Where routes and subscribers are kept between runs.
    var lastingKeys: LastingKeys { LastingKeys(file: stateDirectory.appending(path: "registry.json")) }

    /// A port of this fleet.
    func port(_ usual: Int) -> Int { usual + portOffset }

    var sip: HostPort { HostPort(host: "127.0.0.1", port: sipPort + portOffset) }
    var rpc: HostPort { HostPort(host: "127.0.0.1", port: rpcPort + portOffset) }
    var gateway: HostPort { HostPort(host: "127.0.0.1", port: gatewayPort + portOffset) }
    var applicationd: HostPort { HostPort(host: "127.0.0.1", port: applicationdPort + portOffset) }
    var websocketd: HostPort { HostPort(host: "127.0.0.1", port: websocketdPort + portOffset) }
    var auth: HostPort { HostPort(host: "127.0.0.1", port: authPort + portOffset) }
    var sound: HostPort { HostPort(host: "127.0.0.1", port: soundPort + portOffset) }

    /// The settings of a node.
    func node(_ number: Int, run: RunDirectory, secret: String) -> NodeSettings {
        var settings = NodeSettings.local(
            number: number,
            runDirectory: run.directory,
            fleetSecret: secret,
            portOffset: portOffset,
            listen: listen,
            link: link
        )
        settings.edge = sip
        return settings
    }
}
