import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Registry
import ServiceLifecycle
import Telemetry

/// The shell of an HTTP API: one listening socket with bounds, request ids, times, CORS, errors as JSON, and the pages that
/// every API has. What the API does is in the routes it is given.
package struct WebServer: Service, CustomStringConvertible {
    private let name: String
    private let settings: WebSettings
    private let responder: WebResponder
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - name: which role serves, such as `auth`.
    ///   - pages: `/status`, `/metrics` and the description of the API.
    ///   - onListening: told the port once it is open; 0 in the settings takes any free one.
    ///   - routes: adds the API's own routes.
    package init(
        name: String,
        settings: WebSettings,
        pages: WebPages,
        times: RequestTimes = RequestTimes(),
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in },
        routes: (Router<WebContext>) -> Void
    ) {
        self.name = name
        self.settings = settings
        self.logger = logger
        self.onListening = onListening
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CORSMiddleware.api)
        router.add(middleware: ErrorMiddleware(document: pages.document))
        pages.add(to: router)
        routes(router)
        responder = WebResponder(settings: settings, router: router.buildResponder(), times: times)
    }

    package var description: String { "\(name) HTTP server" }

    /// Serves until graceful shutdown or cancellation; requests that have begun are answered first.
    /// - Throws: ``WebServerError``.
    package func run() async throws {
        var logger = logger
        // What the HTTP server says of its own start and stop is of no use to anybody.
        logger.logLevel = max(logger.logLevel, .warning)
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionBounds(settings)],
            idleTimeout: settings.idleTimeout
        )
        channel.httpDecoder = .init(
            maxHeaderFieldSize: settings.maximumHeader,
            maxHeaderListSize: settings.maximumHeader,
            maxHeaderFieldCount: settings.maximumHeaderFields
        )
        let (server, onListening) = (self, onListening)
        let application = Application(
            responder: responder,
            server: .http1(configuration: channel),
            configuration: .init(
                address: .hostname(settings.address.host, port: settings.address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(settings.maximumConnections)
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                server.logger.info("\(server.name) listening", metadata: ["port": "\(port)"])
                await onListening(port)
            },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw WebServerError.cannotListen(name, settings.address, "\(error)")
        }
    }
}

/// Why an HTTP API cannot be served.
package enum WebServerError: Error, Sendable, CustomStringConvertible {
    case cannotListen(String, HostPort, String)

    package var description: String {
        switch self {
        case .cannotListen(let name, let address, let detail):
            "\(name) cannot listen on \(address) (\(detail)); end what uses it or choose another with --port"
        }
    }
}

extension CORSMiddleware<WebContext> {
    /// Any page may ask, with the headers of Wazo's clients; a token says who asks, never a cookie.
    fileprivate static var api: CORSMiddleware {
        let names = ["X-Auth-Token", "Wazo-Tenant", "Wazo-Session-Type"].compactMap { HTTPField.Name($0) }
        return CORSMiddleware(
            allowOrigin: .all,
            allowHeaders: [.contentType, .authorization] + names,
            allowMethods: [.get, .head, .post, .put, .patch, .delete, .options]
        )
    }
}
