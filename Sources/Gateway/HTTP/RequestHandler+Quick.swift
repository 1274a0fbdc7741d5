import Fleet
import NIOCore
import NIOHTTP1
import Registry

/// The way of requests that Asterisk answers at once: they share a connection, and their answers are passed on as the node wrote them.
extension RequestHandler {
    /// What follows the target in the heads of this client's requests to a node.
    struct QuickTail {
        var address: HostPort
        var credentials: Credentials
        var bytes: ByteBuffer
    }

    /// Passes a request on over the connection that is shared.
    /// - Returns: false if there is none that could take it.
    func forwardQuickly(
        _ request: GatewayRequest,
        to node: NodeRecord,
        target: String,
        onStatus: (@Sendable (Int) -> Void)?,
        context: ChannelHandlerContext
    ) -> Bool {
        // A body would have to follow.
        guard request.body.readableBytes == 0, let connection = pool.quick(node.ari) else { return false }
        let tail = quickTail(of: request.head, node)
        connection.send(target, tail: tail, timeout: settings.upstreamTimeout) { [self] result in
            let keepAlive = request.head.isKeepAlive
            switch result {
            case .success(let answer):
                onStatus?(answer.status)
                if answer.isPage {
                    let status = HTTPResponseStatus(statusCode: answer.status)
                    write(.instead(ofPage: status, from: node.name), keepAlive: keepAlive, context: context)
                } else {
                    write(answer, keepAlive: keepAlive, context: context)
                }
            // It may have failed because of another's request.
            case .failure(.unreachable):
                forward(request, to: node, target: target, onStatus: onStatus, context: context, isRetry: true)
            case .failure(let error):
                onStatus?(503)
                write(Self.answer(to: error, from: node), keepAlive: keepAlive, context: context)
            }
        }
        return true
    }

    /// Made once for requests that repeat a head.
    private func quickTail(of head: HTTPRequestHead, _ node: NodeRecord) -> ByteBuffer {
        if let quickTail, quickTail.address == node.ari, quickTail.credentials == node.ariCredentials {
            return quickTail.bytes
        }
        var bytes = ByteBuffer(string: " HTTP/1.1\r\n")
        for (name, value) in upstreamHeaders(head.headers, node: node) { bytes.writeString("\(name): \(value)\r\n") }
        bytes.writeString("\r\n")
        quickTail = QuickTail(address: node.ari, credentials: node.ariCredentials, bytes: bytes)
        return bytes
    }
}
