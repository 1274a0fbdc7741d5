import NIOCore
import NIOPosix

/// A port of this host that nobody listens on.
enum FreePort {
    static func find() async throws -> Int {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        try await server.close().get()
        return port
    }
}
