import Fleet
import Logging
import NIOCore
import NIOHTTP1
import Registry

/// The way to a node and back, on the client's event loop.
extension RequestHandler {
    /// Passes a request on to a node, and its answer back.
    func forward(
        _ request: GatewayRequest,
        to node: NodeRecord,
        target: String,
        onStatus: (@Sendable (Int) -> Void)?,
        context: ChannelHandlerContext,
        isRetry: Bool = false
    ) {
        let head = upstreamHead(request.head, node: node, target: target, bodySize: request.body.readableBytes)
        let keepAlive = request.head.isKeepAlive && !request.head.asksForUpgrade
        logger.debug("forwarded", metadata: ["request": "\(request.id)", "node": "\(node.name)"])
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let leased = isRetry ? pool.leaseFresh(node.ari) : pool.lease(node.ari)
        leased.whenComplete { result in
            let (handler, context) = bound.value
            switch result {
            case .failure(let error):
                onStatus?(503)
                handler.write(Self.answer(to: error, from: node), keepAlive: keepAlive, context: context)
            case .success(let connection):
                var hasBegun = false
                var isReusable = true
                var replacement: GatewayAnswer?
                let mayRetry = !isRetry && !connection.isFresh
                connection.send(head, request.body, timeout: handler.settings.upstreamTimeout) { progress in
                    switch progress {
                    case .part(.head(let response)):
                        hasBegun = true
                        isReusable = response.isKeepAlive
                        onStatus?(Int(response.status.code))
                        if GatewayAnswer.isPage(response.status, response.headers) {
                            replacement = .instead(ofPage: response.status, from: node.name)
                        } else {
                            handler.write(response, keepAlive: keepAlive, context: context)
                        }
                    case .part(.body(let part)) where replacement == nil:
                        context.write(handler.wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
                    case .part(.body): break
                    case .part(.end):
                        handler.pool.giveBack(connection, reusable: isReusable)
                        if let replacement {
                            handler.write(replacement, keepAlive: keepAlive, context: context)
                        } else {
                            handler.end(keepAlive: keepAlive, context: context)
                        }
                    case .failed(let error):
                        handler.pool.giveBack(connection, reusable: false)
                        handler.logger.info(
                            "the node failed: \(error)",
                            metadata: ["request": "\(request.id)", "node": "\(node.name)"]
                        )
                        guard !hasBegun else { return context.close(promise: nil) }
                        // A kept connection may have been closed by Asterisk just as it was used: that request was not read.
                        if case .unreachable = error, mayRetry {
                            return handler.forward(
                                request,
                                to: node,
                                target: target,
                                onStatus: onStatus,
                                context: context,
                                isRetry: true
                            )
                        }
                        onStatus?(503)
                        handler.write(Self.answer(to: error, from: node), keepAlive: keepAlive, context: context)
                    }
                }
            }
        }
    }

    /// What of a client's headers concerns Asterisk. `Host` does: ARI builds addresses from it.
    private static let passedOn: Set<String> = [
        "host", "content-type", "origin", "access-control-request-method", "access-control-request-headers",
    ]

    private func upstreamHead(
        _ head: HTTPRequestHead,
        node: NodeRecord,
        target: String,
        bodySize: Int
    ) -> HTTPRequestHead {
        var headers = upstreamHeaders(head.headers, node: node)
        if bodySize > 0 || head.method == .POST || head.method == .PUT {
            headers.add(name: "Content-Length", value: String(bodySize))
        }
        return HTTPRequestHead(version: .http1_1, method: head.method, uri: target, headers: headers)
    }

    /// The client's headers, with the node's credentials in place of the client's, which are no business of a node.
    func upstreamHeaders(_ given: HTTPHeaders, node: NodeRecord) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers.reserveCapacity(4)
        headers.add(name: "Authorization", value: pool.authorization(of: node))
        for (name, value) in given where Self.passedOn.contains(name.lowercased()) {
            headers.add(name: name, value: value)
        }
        return headers
    }

    static func answer(to error: any Error, from node: NodeRecord) -> GatewayAnswer {
        switch error as? UpstreamError {
        case .overloaded: .error(.serviceUnavailable, "Node \(node.name) has too many requests waiting; try again")
        case .timedOut: .error(.gatewayTimeout, "Node \(node.name) did not answer in time")
        default: .error(.serviceUnavailable, "Node \(node.name) cannot be reached")
        }
    }
}
