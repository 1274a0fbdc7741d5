import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/status`, `/status/live` and `/metrics` of one daemon, on loopback unless told otherwise.
///
/// A listener that cannot be opened ends the daemon: one that cannot be watched should not run unnoticed.
package struct StatusServer: Service, CustomStringConvertible {
    /// Connections at once; probes and scrapes need few.
    private static let maximumConnections = 64
    /// A connection that says nothing for so long is closed.
    private static let idleTimeout = TimeAmount.seconds(15)

    private let host: String
    private let port: Int
    private let health: Health
    private let metrics: PrometheusMetrics
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - onListening: told the port once it is open.
    package init(
        host: String = "127.0.0.1",
        port: Int,
        health: Health,
        metrics: PrometheusMetrics = .process,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.health = health
        self.metrics = metrics
        self.logger = logger
        self.onListening = onListening
    }

    package var description: String { "status server" }

    /// Serves until graceful shutdown or cancellation.
    /// - Throws: ``StatusServerError``.
    package func run() async throws {
        let onListening = onListening
        var logger = logger
        // What the HTTP server says of its own start and stop is of no use to anybody.
        logger.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            responder: CallbackResponder { request, _ in respond(to: request) }
                as CallbackResponder<BasicRequestContext>,
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections)
            ),
            onServerRunning: { await onListening($0.localAddress?.port ?? 0) },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw StatusServerError.cannotListen("\(host):\(port)", "\(error)")
        }
    }

    private func respond(to request: Request) -> Response {
        var answer = StatusAnswer(path: request.uri.path, health: health, metrics: metrics)
        if answer != nil, request.method != .get, request.method != .head {
            answer = .error(405, "Only GET is answered here")
        }
        let given = answer ?? .error(404, "Resource not found; there are /status, /status/live and /metrics")
        let body = ByteBuffer(string: given.body)
        return Response(
            status: .init(code: given.code),
            headers: [
                .contentType: given.contentType, .cacheControl: "no-store",
                .contentLength: String(body.readableBytes),
            ],
            body: request.method == .head ? .init() : .init(byteBuffer: body)
        )
    }
}

/// Why a daemon cannot be watched.
package enum StatusServerError: Error, Sendable, CustomStringConvertible {
    case cannotListen(String, String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let detail):
            "the status server cannot listen on \(address) (\(detail)); end what uses it or choose another with "
                + "--status-address"
        }
    }
}
