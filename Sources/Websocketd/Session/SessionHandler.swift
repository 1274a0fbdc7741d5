import Access
import Logging
import NIOCore
import NIOWebSocket
import Telemetry

/// The shell around a ``Session``: its WebSocket, its questions to the auth service, and its timers. Lives on one event loop.
final class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// What all sessions share.
    struct Surroundings: Sendable {
        let settings: WebsocketdSettings
        let tokens: any TokenChecking
        let hub: SessionHub
        let metrics: WebsocketdMetrics
        let logger: Logger
    }

    /// What a token must grant for a session at all.
    static let scope = "websocketd"
    /// Questions of one client to the auth service at once: it may send `token` as often as it likes, but not flood the service.
    private static let maximumQuestions = 4

    private let surroundings: Surroundings
    private let opening: SessionOpening
    private let peer: String
    private var session: Session?
    private var context: ChannelHandlerContext?
    private var asking: Task<Void, Never>?
    private var waitingTokens: [String] = []
    private var recheck: Scheduled<Void>?
    private var pings: RepeatedTask?
    private var isHeard = true
    private var isClosing = false
    private var waiting = 0

    init(_ opening: SessionOpening, peer: String, surroundings: Surroundings) {
        self.opening = opening
        self.peer = peer
        self.surroundings = surroundings
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        switch Session.open(opening, recheck: surroundings.settings.recheck) {
        case .failure(let reason): close(reason)
        case .success(let opened):
            session = opened.session
            perform(opened.actions)
            startPings(context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        let frame = unwrapInboundIn(data)
        isHeard = true
        switch frame.opcode {
        case .text:
            let bytes = frame.unmaskedData
            guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else { return end(.notText) }
            perform(session?.received(text) ?? [])
        case .binary: end(.protocolError)
        case .ping: write(.pong, frame.unmaskedData)
        case .connectionClose: answerClose(frame.unmaskedData)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        release()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        release()
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength, is NIOWebSocketFrameAggregator.Error: end(.tooLarge)
        case is NIOWebSocketError: end(CloseReason(1002, ""))
        default: context.close(promise: nil)
        }
    }

    /// Sends an event, if the client wants it.
    func deliver(_ event: HeardEvent) -> Bool {
        guard let session, !isClosing, session.wants(event, masterTenant: surroundings.settings.masterTenant) else {
            return false
        }
        let text = event.text(session.version)
        guard waiting + text.readableBytes <= surroundings.settings.backlog else {
            end(.tooSlow)
            return false
        }
        writeCounted(text)
        return true
    }

    /// Ends the session for a reason.
    func end(_ reason: CloseReason) {
        guard session != nil else { return close(reason) }
        perform(session?.close(reason) ?? [])
    }

    private func perform(_ actions: [Session.Action]) {
        for action in actions {
            switch action {
            case .send(let text): writeCounted(ByteBuffer(string: text))
            case .ask(let token): ask(token)
            case .join:
                guard let context else { continue }
                // Those who hear are told when the bus is lost; this one came too late for that.
                guard surroundings.hub.isBusUp else { return end(.busLost) }
                surroundings.hub.join(self, on: context.eventLoop)
            case .recheck(let delay): scheduleRecheck(delay)
            case .close(let reason): close(reason)
            }
        }
    }

    /// Asks in the order of the questions, one at a time.
    private func ask(_ token: String) {
        guard waitingTokens.count < Self.maximumQuestions else { return end(.protocolError) }
        waitingTokens.append(token)
        if waitingTokens.count == 1 { askNext() }
    }

    private func askNext() {
        guard let token = waitingTokens.first, let context else { return }
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let question = Self.ask(token, of: surroundings.tokens, on: loop)
        asking = question.task
        question.answer.whenSuccess { bound.value.answered($0) }
    }

    /// The task ends with the connection: ``release()`` cancels it.
    private static func ask(
        _ token: String,
        of tokens: any TokenChecking,
        on loop: any EventLoop
    ) -> (task: Task<Void, Never>, answer: EventLoopFuture<Result<AccessToken, TokenError>>) {
        let promise = loop.makePromise(of: Result<AccessToken, TokenError>.self)
        let task = Task { promise.succeed(await answer(tokens, token)) }
        return (task, promise.futureResult)
    }

    private static func answer(_ tokens: any TokenChecking, _ token: String) async -> Result<AccessToken, TokenError> {
        do throws(TokenError) {
            return .success(try await tokens.token(token, scope: scope))
        } catch {
            return .failure(error)
        }
    }

    private func answered(_ answer: Result<AccessToken, TokenError>) {
        guard !waitingTokens.isEmpty, context != nil else { return }
        waitingTokens.removeFirst()
        perform(session?.answered(answer, isBusUp: surroundings.hub.isBusUp) ?? [])
        askNext()
    }

    private func scheduleRecheck(_ delay: Duration) {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        recheck = context.eventLoop.scheduleTask(in: TimeAmount(delay)) {
            bound.value.perform(bound.value.session?.recheckIsDue() ?? [])
        }
    }

    private func startPings(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let interval = surroundings.settings.pingInterval
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.ping()
        }
    }

    private func ping() {
        guard isHeard else { return end(.silent) }
        isHeard = false
        write(.ping, ByteBuffer())
    }
}

extension SessionHandler {
    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }

    private func writeCounted(_ text: ByteBuffer) {
        guard let context else { return }
        let size = text.readableBytes
        note(waiting: size)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: text))).whenComplete { _ in
            bound.value.note(waiting: -size)
        }
    }

    private func note(waiting bytes: Int) {
        waiting += bytes
        surroundings.hub.noteWaiting(bytes)
    }

    private func answerClose(_ payload: ByteBuffer) {
        guard !isClosing, let context else { return }
        isClosing = true
        surroundings.metrics.closes.count("client")
        release()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func close(_ reason: CloseReason) {
        guard !isClosing, let context else { return }
        isClosing = true
        surroundings.metrics.closes.count("\(reason.code)")
        surroundings.logger.info(
            "session ends",
            metadata: ["peer": "\(peer)", "code": "\(reason.code)", "reason": "\(reason.text)"]
        )
        release()
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: Int(reason.code)))
        payload.writeString(reason.text)
        write(.connectionClose, payload)
        // The client answers and closes; one that reads or answers nothing is not waited for.
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }

    private func release() {
        recheck?.cancel()
        pings?.cancel()
        asking?.cancel()
        asking = nil
        waitingTokens = []
        if let context { surroundings.hub.leave(self, on: context.eventLoop) }
    }
}
