import Engines
import NIOCore
import NIOPosix
import Registry

/// Finds out before the start whether a port is taken: Asterisk would only write that into its log.
enum PortCheck {
    static func ensureFree(_ settings: NodeSettings) async throws(EngineError) {
        try await ensureFree(settings.ari, "ARI", tcp: true, node: settings.name)
        try await ensureFree(settings.ami, "AMI", tcp: true, node: settings.name)
        try await ensureFree(settings.sip, "SIP", tcp: false, node: settings.name)
    }

    private static func ensureFree(_ address: HostPort, _ use: String, tcp: Bool, node: String)
        async throws(EngineError)
    {
        let group = MultiThreadedEventLoopGroup.singleton
        do {
            let channel: any Channel
            if tcp {
                channel = try await ServerBootstrap(group: group)
                    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: address.host, port: address.port).get()
            } else {
                channel = try await DatagramBootstrap(group: group).bind(host: address.host, port: address.port).get()
            }
            try await channel.close().get()
        } catch {
            let kind = tcp ? "tcp" : "udp"
            throw .cannotStart(
                name: node,
                problem: "\(address) (\(kind), for \(use)) cannot be used (\(error)); see what holds it with: "
                    + "ss -lnp 'sport = :\(address.port)'"
            )
        }
    }
}
