/// One call as its caller lives it, from the first REGISTER or INVITE to the last BYE: a value that takes what happens and returns
/// what is to be done. No I/O and no clock of its own, so that every odd order of messages can be tested as a table.
struct CallMachine: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Input: Sendable {
        case start
        case message(SIPMessage)
        /// ``deadline`` has come.
        case tick
        /// We want to end the call, whatever state it is in.
        case hangUp
    }

    enum Action: Sendable, Hashable {
        case send(SIPMessage)
        /// Sound may flow: now that it rings with sound, at the answer, or because a re-INVITE moved it.
        case exchangeMedia(RemoteMedia)
        case answered
        /// The callee's side is over; what follows is tidying up.
        case ended(CallEnding)
        /// Nothing is left to do.
        case finished
    }

    enum Phase: Sendable {
        case idle
        case registering(Exchange)
        case inviting(Exchange, ringsUntil: Instant)
        case cancelling(invite: Exchange, cancel: Exchange?)
        case talking(Dialog)
        case leaving(Exchange)
        case unregistering(Exchange)
        case finished
    }

    let identity: CallIdentity
    let number: String
    let localMedia: LocalMedia
    let registers: Bool
    let ringLimit: Duration
    var phase = Phase.idle
    var ending: CallEnding?
    var remoteMedia: RemoteMedia?
    var dialog: Dialog?
    private var registerSequence = 1
    /// How long we wait for the other end when we only want to leave.
    static let farewell = Duration.seconds(4)

    init(identity: CallIdentity, number: String, localMedia: LocalMedia, registers: Bool, ringLimit: Duration) {
        self.identity = identity
        self.number = number
        self.localMedia = localMedia
        self.registers = registers
        self.ringLimit = ringLimit
    }

    /// When ``Input/tick`` is due.
    var deadline: Instant? {
        switch phase {
        case .idle, .talking, .finished: nil
        case .registering(let exchange), .leaving(let exchange), .unregistering(let exchange): exchange.deadline
        case .inviting(let exchange, let limit): min(exchange.deadline ?? limit, limit)
        case .cancelling(let invite, let cancel): [invite.deadline, cancel?.deadline].compactMap { $0 }.min()
        }
    }

    mutating func handle(_ input: Input, _ now: Instant) -> [Action] {
        switch input {
        case .start: start(now)
        case .hangUp: hangUp(now)
        case .tick: advance(now) { exchange in exchange.tick(now) }
        case .message(let message):
            if message.method != nil {
                handleRequest(message, now)
            } else if message["Call-ID"] == identity.callID, let dialog, message.sequence?.method == "INVITE",
                message.status.map({ (200..<300).contains($0) }) == true
            {
                // The answer once more: our ACK was lost.
                [.send(dialog.acknowledgement())]
            } else {
                advance(now) { exchange in exchange.receive(message, now) }
            }
        }
    }

    private mutating func start(_ now: Instant) -> [Action] {
        guard case .idle = phase else { return [] }
        guard registers else { return invite(now) }
        return register(expires: 120, now) { .registering($0) }
    }

    private mutating func register(expires: Int, _ now: Instant, phase next: (Exchange) -> Phase) -> [Action] {
        let request = identity.register(expires: expires, sequence: registerSequence)
        // Credentials may take a second and a third number.
        registerSequence += 10
        var exchange = Exchange(
            request,
            account: identity.account,
            patience: expires == 0 ? Self.farewell : .seconds(32)
        )
        let first = exchange.start(now)
        phase = next(exchange)
        return [.send(first)]
    }

    mutating func invite(_ now: Instant) -> [Action] {
        var exchange = Exchange(identity.invite(number: number, offer: localMedia.sdp()), account: identity.account)
        let first = exchange.start(now)
        phase = .inviting(exchange, ringsUntil: now + ringLimit)
        return [.send(first)]
    }

    mutating func hangUp(_ now: Instant) -> [Action] {
        switch phase {
        case .idle, .registering:
            return end(CallEnding(status: 487, reason: "Request Terminated"), now)
        case .inviting(var invite, _):
            invite.giveUp(at: now + Self.farewell)
            // A CANCEL before any answer might overtake its INVITE (RFC 3261 section 9.1).
            guard invite.hasProvisional else {
                phase = .cancelling(invite: invite, cancel: nil)
                return []
            }
            return cancel(invite, now)
        case .talking(var dialog):
            let actions = leave(&dialog, now)
            let ending = CallEnding(status: 200, reason: "OK", hungUpBy: .caller)
            self.ending = ending
            return [.ended(ending)] + actions
        case .cancelling, .leaving, .unregistering, .finished:
            return []
        }
    }

    mutating func cancel(_ invite: Exchange, _ now: Instant) -> [Action] {
        var cancel = Exchange(invite.request.cancellation, account: identity.account, patience: Self.farewell)
        let first = cancel.start(now)
        phase = .cancelling(invite: invite, cancel: cancel)
        return [.send(first)]
    }

    mutating func leave(_ dialog: inout Dialog, _ now: Instant) -> [Action] {
        var exchange = Exchange(dialog.bye(), account: identity.account, patience: Self.farewell)
        let first = exchange.start(now)
        self.dialog = dialog
        phase = .leaving(exchange)
        return [.send(first)]
    }

    /// Takes the session description of a message, if there is one.
    mutating func media(in message: SIPMessage) -> [Action] {
        guard let media = RemoteMedia(sdp: message.body), media != remoteMedia else { return [] }
        remoteMedia = media
        return [.exchangeMedia(media)]
    }

    mutating func end(_ ending: CallEnding, _ now: Instant) -> [Action] {
        self.ending = ending
        return [.ended(ending)] + tidyUp(now)
    }

    mutating func tidyUp(_ now: Instant) -> [Action] {
        switch phase {
        case .unregistering, .finished, .idle, .registering: break
        default:
            if registers { return register(expires: 0, now) { .unregistering($0) } }
        }
        phase = .finished
        return [.finished]
    }
}
