import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A port of this host that no test listened on before: HTTP clients keep connections to servers that have stopped, and would ask those
/// instead of a new one at the same port.
///
/// It lies above Linux's `ip_local_port_range` (32768-60999): one of the ports that the kernel hands out may be the local end of another
/// test's connection by the time it is bound.
enum FreePort {
    private static let count = Atomic<Int>(Int.random(in: 0..<2_500))

    /// Another one each time. Whether somebody else has it shows when it is bound; to bind it and let it go again would prove nothing, for a
    /// process that is being forked meanwhile holds it until its `exec`.
    static func next() -> Int { 63_000 + count.add(1, ordering: .relaxed).oldValue % 2_500 }

    /// Has a server listen on one.
    static func listen(_ server: ServerBootstrap) async throws -> any Channel {
        let server = server.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        while true {
            do {
                return try await server.bind(host: "127.0.0.1", port: next()).get()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                continue
            }
        }
    }
}
