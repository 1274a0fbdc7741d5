import Access
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Telemetry

/// What is known of a request besides its own words.
package struct WebContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who sent it: a client or the last proxy before us.
    package let peer: SocketAddress?
    /// What it is called in logs and in its answer.
    package private(set) var requestID = ""
    /// The way it came, as far as that is believed.
    package private(set) var forwarded = ForwardedRequest()
    /// Whether it comes from a program on this host, and not through a proxy on it.
    package private(set) var isFromThisHost = false
    /// The token that a route asked for, once it has been found good.
    package var token: AccessToken?
    package private(set) var maxUploadSize = 1 << 20
    /// How errors that no route makes are written.
    package private(set) var errors = ErrorStyle.wazo

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress
    }

    /// A parameter of the route's path, percent-decoded.
    /// - Throws: ``WebError`` 404 when it is no text: nothing has such a name.
    package func parameter(_ name: String) throws(WebError) -> String {
        guard let text = parameters.get(name)?.removingPercentEncoding else {
            throw errors.error(.notFound, "Not Found", id: "not-found")
        }
        return text
    }

    /// Where the client is, for logs and for limits of attempts.
    package var clientAddress: String { forwarded.address ?? peer?.ipAddress ?? "" }

    mutating func prepare(for request: Request, _ settings: WebSettings) {
        requestID = RequestID.of(request.headers[.requestID])
        coreContext = .init(source: RequestSource(logger: logger, id: requestID))
        let address = peer?.ipAddress ?? ""
        isFromThisHost = TrustedProxies.thisHost.trusts(address) && !ForwardedRequest.isForwarded(request.headers)
        if settings.proxies.trusts(address) { forwarded = ForwardedRequest(request.headers) }
        maxUploadSize = settings.maximumBody
        errors = settings.errors
    }
}

/// A logger that names the request by the name the client sees.
private struct RequestSource: RequestContextSource {
    let logger: Logger

    init(logger: Logger, id: String) {
        var logger = logger
        logger[metadataKey: "hb.request.id"] = nil
        logger[metadataKey: "request"] = "\(id)"
        self.logger = logger
    }
}
