import Engines
import Registry

/// Finds out before the start whether a port is taken: Asterisk would only write that into its log.
enum PortCheck {
    static func ensureFree(_ settings: NodeSettings) async throws(EngineError) {
        for (address, use, transport) in settings.listeners {
            guard let problem = await PortProbe.problem(host: address.host, port: address.port, transport) else {
                continue
            }
            throw .cannotStart(
                name: settings.name,
                problem:
                    "\(address) (\(transport.rawValue), for \(use)) cannot be used (\(problem)); see what holds it with: "
                    + "ss -lnp 'sport = :\(address.port)'"
            )
        }
    }
}

extension NodeSettings {
    /// What Asterisk listens on, sound aside.
    package var listeners: [(address: HostPort, use: String, transport: PortProbe.Transport)] {
        [(ari, "ARI", .tcp), (ami, "AMI", .tcp), (sip, "SIP", .udp)]
    }
}
