import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Turns a connection that speaks HTTP into a WebSocket, at any of its requests: NIO's own handler looks at the first one only, while
/// clients with a pool of connections ask on one that they have used.
///
/// Confined to its connection's event loop.
final class ProtocolSwitch {
    private let upgrader: NIOWebSocketServerUpgrader
    private let encoder = HTTPResponseEncoder()
    private let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
    let queue = RequestQueue()
    let shortcut: RequestShortcut
    /// Between the parser and the one who answers.
    private let between: [any ChannelHandler & RemovableChannelHandler]

    init(_ upgrader: NIOWebSocketServerUpgrader) {
        self.upgrader = upgrader
        shortcut = RequestShortcut(queue)
        between = [queue, NIOHTTPResponseHeadersValidator(), HTTPServerProtocolErrorHandler()]
    }

    /// Puts the handlers that make HTTP of bytes into a new connection.
    func addHTTP(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(shortcut)
        try pipeline.addHandler(encoder)
        try pipeline.addHandler(decoder)
        for handler in between { try pipeline.addHandler(handler) }
    }

    /// Asks whether a request is taken for a WebSocket, and makes the connection one.
    /// - Parameter last: whoever answered requests until now; it is removed.
    /// - Returns: false when it is not taken, and nothing has been done.
    func perform(
        _ head: HTTPRequestHead,
        instead last: any RemovableChannelHandler,
        context: ChannelHandlerContext
    ) -> EventLoopFuture<Bool> {
        let bound = NIOLoopBound((self, last, context), eventLoop: context.eventLoop)
        return upgrader.buildUpgradeResponse(
            channel: context.channel,
            upgradeRequest: head,
            initialResponseHeaders: ["Connection": "Upgrade", "Upgrade": "websocket"]
        ).map { Optional($0) }.recover { _ in nil }.flatMap { headers in
            let (this, last, context) = bound.value
            guard let headers else { return context.eventLoop.makeSucceededFuture(false) }
            return this.become(head, headers, instead: last, context: context).map { true }
        }
    }

    private func become(
        _ head: HTTPRequestHead,
        _ headers: HTTPHeaders,
        instead last: any RemovableChannelHandler,
        context: ChannelHandlerContext
    ) -> EventLoopFuture<Void> {
        let pipeline = context.pipeline.syncOperations
        let bound = NIOLoopBound((self, last, context, pipeline), eventLoop: context.eventLoop)
        let response = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        return EventLoopFuture.andAllSucceed(
            ([shortcut] + between).map { pipeline.removeHandler($0) },
            on: context.eventLoop
        )
        .flatMap {
            let (this, _, context, pipeline) = bound.value
            // Leaves when all is in place: what happens as soon as the client knows that it is connected, it is told.
            context.write(NIOAny(HTTPServerResponsePart.head(response)), promise: nil)
            return pipeline.removeHandler(this.encoder)
        }.flatMap {
            let (this, _, context, _) = bound.value
            return this.upgrader.upgrade(context: context, upgradeRequest: head)
        }.flatMap {
            let (_, last, context, pipeline) = bound.value
            context.flush()
            return pipeline.removeHandler(last)
        }.flatMap {
            // Last, for it passes on what the client has sent already.
            let (this, _, _, pipeline) = bound.value
            return pipeline.removeHandler(this.decoder)
        }
    }
}
