import NIOCore
import NIOPosix

/// Finds out whether a port can be listened on, before an engine fails at it and says so only in its log.
package enum PortProbe {
    /// What travels over the port.
    package enum Transport: String, Sendable { case tcp, udp }

    /// Listens for a moment.
    /// - Returns: why it cannot be done; nil when it can.
    package static func problem(host: String, port: Int, _ transport: Transport) async -> String? {
        let group = MultiThreadedEventLoopGroup.singleton
        do {
            let channel: any Channel =
                switch transport {
                case .tcp:
                    try await ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                        .bind(host: host, port: port).get()
                case .udp:
                    try await DatagramBootstrap(group: group).bind(host: host, port: port).get()
                }
            try await channel.close().get()
            return nil
        } catch let error as IOError {
            return error.errnoCode == EADDRINUSE ? "address already in use" : "\(error)"
        } catch {
            return "\(error)"
        }
    }
}
