import Foundation
import NIOCore

/// The shell around ``CallMachine``: sends what it says, wakes it when it is due, starts and stops the sound. Everything of one
/// call happens on the event loop of its SIP channel.
final class CallHandler: ChannelInboundHandler {
    typealias InboundIn = SIPMessage
    typealias OutboundOut = ByteBuffer

    private var machine: CallMachine
    private let media: MediaHandler
    private let end: CallPlan.End
    private let edge: String
    private let answered: EventLoopPromise<AnsweredCall?>
    private let over: EventLoopPromise<CallOutcome>
    private let clock = ContinuousClock()
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var limit: Scheduled<Void>?
    private var invitedAt: ContinuousClock.Instant?
    private var answeredAt: (instant: ContinuousClock.Instant, date: Date)?
    private var endedAt: ContinuousClock.Instant?
    private var heardFromEdge = false
    private var isOver = false

    /// - Parameters:
    ///   - answered: told of the answer, or of nil when there is none.
    ///   - over: told when nothing is left to do; fails only when the edge cannot be reached.
    init(
        machine: CallMachine,
        media: MediaHandler,
        end: CallPlan.End,
        answered: EventLoopPromise<AnsweredCall?>,
        over: EventLoopPromise<CallOutcome>
    ) {
        self.machine = machine
        self.media = media
        self.end = end
        self.answered = answered
        self.over = over
        edge = machine.identity.account.hostPort
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        media.onPhrase = { [weak self] count in self?.heard(phrases: count) }
        handle(.start)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail("the channel was closed")
        self.context = nil
    }

    /// Ends the call in the way its state asks for.
    func hangUp() { handle(.hangUp) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heardFromEdge = true
        handle(.message(Self.unwrapInboundIn(data)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Once the edge has spoken, it may be restarting: the timers decide how long to wait for it.
        if !heardFromEdge || machine.identity.account.transport == .tcp { fail("\(error)") }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("it closed the connection")
        context.fireChannelInactive()
    }

    private func handle(_ input: CallMachine.Input) {
        for action in machine.handle(input, clock.now) { perform(action) }
        timer?.cancel()
        timer = machine.deadline.flatMap { deadline in schedule(after: clock.now.duration(to: deadline), .tick) }
    }

    private func schedule(after delay: Duration, _ input: CallMachine.Input) -> Scheduled<Void>? {
        context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.handle(input) }
    }

    private func perform(_ action: CallMachine.Action) {
        switch action {
        case .send(let message):
            if message.method == "INVITE", invitedAt == nil { invitedAt = clock.now }
            guard let context else { return }
            let data = context.channel.allocator.buffer(string: message.wire)
            context.writeAndFlush(Self.wrapOutboundOut(data), promise: nil)
        case .exchangeMedia(let remote):
            media.exchange(with: remote)
        case .answered:
            begin()
        case .ended:
            endedAt = clock.now
            limit?.cancel()
            media.stop()
        case .finished:
            finish()
        }
    }

    private func begin() {
        let now = clock.now
        answeredAt = (now, Date())
        media.markAnswered()
        limit = schedule(after: end.limit, .hangUp)
        answered.succeed(
            AnsweredCall(
                number: machine.number,
                user: machine.identity.account.user,
                displayName: machine.identity.displayName,
                callID: machine.identity.callID,
                timeToAnswer: (invitedAt ?? now).duration(to: now)
            )
        )
    }

    private func heard(phrases: Int) {
        if case .afterPhrases(let wanted, _) = end, phrases >= wanted { hangUp() }
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        media.stop()
        answered.succeed(nil)
        over.succeed(
            CallOutcome(
                ending: machine.ending ?? .timeout,
                answeredAt: answeredAt?.date,
                timeToAnswer: answeredAt.flatMap { answer in invitedAt.map { $0.duration(to: answer.instant) } },
                timeToSound: media.timeToSound,
                duration: answeredAt.map { $0.instant.duration(to: endedAt ?? clock.now) },
                codec: media.codec,
                timeline: media.timeline
            )
        )
    }

    private func fail(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        limit?.cancel()
        media.stop()
        answered.succeed(nil)
        over.fail(PhoneError.edgeUnreachable(edge: edge, reason: reason))
    }
}
