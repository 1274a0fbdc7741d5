import Fleet
import Logging
import NIOCore
import NIOHTTP1
import Telemetry

/// One client connection: collects a request, forwards it on this event loop or has it answered, and writes the answer.
///
/// The pipelining handler before it lets one request through at a time.
final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let dispatcher: RequestDispatcher
    let pool: UpstreamPool
    private let protocols: ProtocolSwitch
    let settings: GatewaySettings
    private let times: RequestTimes
    let logger: Logger
    private let queue: RequestQueue
    private let shortcut: RequestShortcut
    private var context: ChannelHandlerContext?
    /// The request that is being answered.
    private var current = Current()
    /// Whether the connection ends with the answer: what the client has sent behind is not looked at.
    private var isEnding = false
    /// For the head that the client repeats.
    var quickTail: QuickTail?
    private var output = ByteBuffer()
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isTooLarge = false
    /// Who is at the other end, asked for once: it costs a system call.
    private var peer: SocketAddress?
    /// The names of requests count on from a random number, for the same reason.
    private var nextID = UInt64.random(in: .min ... .max)

    private struct Current {
        var id = ""
        var method = HTTPMethod.GET
        var uri = ""
        var began = NIODeadline.now()
        var status = 0
    }

    init(
        dispatcher: RequestDispatcher,
        pool: UpstreamPool,
        protocols: ProtocolSwitch,
        settings: GatewaySettings,
        times: RequestTimes,
        logger: Logger
    ) {
        self.dispatcher = dispatcher
        self.pool = pool
        self.protocols = protocols
        queue = protocols.queue
        shortcut = protocols.shortcut
        self.settings = settings
        self.times = times
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        shortcut.take = { bound.value.takeRepeated($0) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            isTooLarge = false
        case .body(var part):
            isTooLarge = isTooLarge || body.readableBytes + part.readableBytes > settings.maxBodySize
            if !isTooLarge { body.writeBuffer(&part) }
        case .end:
            guard let head else { return }
            self.head = nil
            quickTail = nil
            begin(head)
            guard !isTooLarge else {
                // Asterisk's own words for a body over its limit.
                return write(.error(.payloadTooLarge, "Request body too large"), keepAlive: false, context: context)
            }
            let request = GatewayRequest(head: head, body: body, id: current.id, peer: peer)
            if head.asksForUpgrade {
                switchProtocols(request, context: context)
            } else {
                handle(request, context: context)
            }
        }
    }

    /// A request that differs from an earlier one in its target only.
    private func takeRepeated(_ head: HTTPRequestHead) {
        guard let context, !isEnding else { return }
        begin(head)
        handle(GatewayRequest(head: head, body: ByteBuffer(), id: current.id, peer: peer), context: context)
    }

    private func begin(_ head: HTTPRequestHead) {
        current = Current(
            id: RequestID.of(head.headers.first(name: RequestID.header), otherwise: nextID),
            method: head.method,
            uri: head.uri
        )
        nextID &+= 1
        if peer == nil { peer = context?.remoteAddress }
    }

    /// Becomes an event socket; where that is not taken, the request is answered like any other, which says why.
    private func switchProtocols(_ request: GatewayRequest, context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // Not while the parser is at it.
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.protocols.perform(request.head, instead: handler, context: context).whenComplete { result in
                let (handler, context) = bound.value
                switch result {
                case .success(true): break
                case .success(false): handler.handle(request, context: context)
                case .failure: context.channel.close(promise: nil)
                }
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// - Parameter isAsked: whether the auth service has just been asked.
    private func handle(_ request: GatewayRequest, isAsked: Bool = false, context: ChannelHandlerContext) {
        let keepAlive = request.head.isKeepAlive && !request.head.asksForUpgrade
        switch dispatcher.decide(request) {
        case .answer(let answer):
            write(answer, keepAlive: keepAlive, context: context)
        case .forward(let node, let target, let isQuick, let onStatus):
            if isQuick, forwardQuickly(request, to: node, target: target, onStatus: onStatus, context: context) {
                return
            }
            forward(request, to: node, target: target, onStatus: onStatus, context: context)
        // Not twice: an answer that may not be remembered would be asked for without end.
        case .ask where isAsked: write(.tokenExpired, keepAlive: keepAlive, context: context)
        case .ask(let token):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.makeFutureWithTask { [door = dispatcher.door] in await door.ask(about: token) }
                .whenSuccess { problem in
                    let (handler, context) = bound.value
                    guard let problem else { return handler.handle(request, isAsked: true, context: context) }
                    handler.write(problem, keepAlive: keepAlive, context: context)
                }
        case .compute(let compute):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            // A client that hangs up does not stop what it asked for: a half-made bridge would help nobody.
            context.eventLoop.makeFutureWithTask { await compute() }.whenSuccess { answer in
                let (handler, context) = bound.value
                handler.write(answer, keepAlive: keepAlive, context: context)
            }
        }
    }
}

extension RequestHandler {
    func write(_ response: HTTPResponseHead, keepAlive: Bool, context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: response.status, headers: response.headers)
        head.headers.remove(name: "Connection")
        head.headers.remove(name: "Keep-Alive")
        if !keepAlive { head.headers.add(name: "Connection", value: "close") }
        head.headers.replaceOrAdd(name: RequestID.header, value: current.id)
        current.status = Int(response.status.code)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    func write(_ answer: GatewayAnswer, keepAlive: Bool, context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: answer.headers)
        if answer.status != .noContent {
            head.headers.replaceOrAdd(name: "Content-Length", value: String(answer.body.readableBytes))
        }
        if !head.headers.contains(name: "Cache-Control") {
            head.headers.add(name: "Cache-Control", value: "no-cache, no-store")
        }
        write(head, keepAlive: keepAlive, context: context)
        if answer.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        end(keepAlive: keepAlive, context: context)
    }

    func end(keepAlive: Bool, context: ChannelHandlerContext) {
        note()
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: keepAlive ? nil : closing(context))
    }

    /// Passes a node's answer on, past the encoder.
    func write(_ answer: PlainAnswer, keepAlive: Bool, context: ChannelHandlerContext) {
        current.status = answer.status
        note()
        output.clear()
        output.writeImmutableBuffer(answer.head)
        if !keepAlive { output.writeString("Connection: close\r\n") }
        output.writeString("\(RequestID.header): ")
        output.writeString(current.id)
        output.writeString("\r\n\r\n")
        output.writeImmutableBuffer(answer.body)
        shortcut.write(output, promise: keepAlive ? nil : closing(context))
        queue.finish()
    }

    /// - Returns: for the last write to the connection, which is closed then.
    private func closing(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        isEnding = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in bound.value.close(promise: nil) }
        return promise
    }

    /// The answer is complete.
    private func note() {
        let time = (NIODeadline.now() - current.began).nanoseconds
        times.record(method: current.method.rawValue, status: current.status, nanoseconds: time)
        guard current.status >= 500 else { return }
        logger.info(
            "answered \(current.status)",
            metadata: [
                "request": "\(current.id)", "method": "\(current.method)",
                // The query may hold a key.
                "path": "\(current.uri.prefix { $0 != "?" })",
            ]
        )
    }
}

extension HTTPRequestHead {
    /// Whether the parser takes what follows this request for another protocol: an upgrade that was not taken ends the connection.
    var asksForUpgrade: Bool {
        headers.contains(name: "Upgrade")
            && headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
    }
}
