/// One request of ours until its final answer: sent again while nothing comes back (RFC 3261 section 17.1), and once more with
/// credentials when the server asks for them. A value without I/O: it returns what is to be sent.
struct Exchange: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Outcome: Sendable {
        case provisional(SIPMessage)
        case final(SIPMessage)
        case timedOut
    }

    struct Step: Sendable {
        var send: [SIPMessage] = []
        var outcome: Outcome?
    }

    /// Timers T1 and T2 of RFC 3261 section 17.1.1.1.
    static let t1 = Duration.milliseconds(500)
    static let t2 = Duration.seconds(4)

    private(set) var request: SIPMessage
    private let account: PhoneAccount
    private let patience: Duration
    private var resendAt: Instant?
    private var interval = Exchange.t1
    private var giveUpAt: Instant?
    private var answeredRealms: Set<String> = []
    private var staleRetries = 0
    /// The ACK of each INVITE that was refused, by branch: a repeated refusal means that the ACK was lost.
    private var acks: [String: SIPMessage] = [:]
    private(set) var hasProvisional = false
    private var isOver = false

    /// - Parameter patience: how long to wait for any answer; 64 times T1 by the book.
    init(_ request: SIPMessage, account: PhoneAccount, patience: Duration = .seconds(32)) {
        self.request = request
        self.account = account
        self.patience = patience
    }

    /// When ``tick(_:)`` is due.
    var deadline: Instant? { isOver ? nil : [resendAt, giveUpAt].compactMap { $0 }.min() }

    mutating func start(_ now: Instant) -> SIPMessage {
        interval = Self.t1
        resendAt = account.transport == .udp ? now + interval : nil
        giveUpAt = now + patience
        return request
    }

    mutating func tick(_ now: Instant) -> Step {
        guard !isOver else { return Step() }
        if let giveUpAt, giveUpAt <= now {
            isOver = true
            return Step(outcome: .timedOut)
        }
        guard let due = resendAt, due <= now else { return Step() }
        interval = isInvite ? interval * 2 : (hasProvisional ? Self.t2 : min(interval * 2, Self.t2))
        resendAt = now + interval
        return Step(send: [request])
    }

    /// Takes a response; nothing happens when it belongs to another request.
    mutating func receive(_ response: SIPMessage, _ now: Instant) -> Step {
        guard let status = response.status, let branch = response.branch,
            response.sequence?.method == request.method
        else { return Step() }
        if let ack = acks[branch], status >= 300 { return Step(send: [ack]) }
        guard !isOver, branch == request.branch else { return Step() }
        if status < 200 {
            hasProvisional = true
            if isInvite { (resendAt, giveUpAt) = (nil, nil) }
            return Step(outcome: .provisional(response))
        }
        var step = Step()
        if isInvite, status >= 300 {
            let ack = request.acknowledgement(of: response)
            acks[branch] = ack
            step.send.append(ack)
        }
        if status == 401 || status == 407, let retry = authenticated(after: response) {
            request = retry
            hasProvisional = false
            step.send.append(start(now))
        } else {
            isOver = true
            step.outcome = .final(response)
        }
        return step
    }

    /// Bounds the wait for a final answer from now on, after a CANCEL.
    mutating func giveUp(at instant: Instant) { giveUpAt = instant }

    private var isInvite: Bool { request.method == "INVITE" }

    /// The request again with credentials; nil when there is no challenge that we can answer and have not answered before.
    private mutating func authenticated(after response: SIPMessage) -> SIPMessage? {
        let isProxy = response.status == 407
        let field = isProxy ? "Proxy-Authenticate" : "WWW-Authenticate"
        let challenges = response.fields.filter { $0.name.lowercased() == field.lowercased() }
        guard case .request(let method, let uri) = request.start,
            let challenge = challenges.lazy.compactMap({ DigestChallenge($0.value) }).first
        else { return nil }
        if !answeredRealms.insert("\(field) \(challenge.realm)").inserted {
            guard challenge.isStale, staleRetries < 2 else { return nil }
            staleRetries += 1
        }
        var retry = request
        retry[isProxy ? "Proxy-Authorization" : "Authorization"] = challenge.answer(
            user: account.user,
            password: account.password,
            method: method,
            uri: uri,
            clientNonce: CallIdentity.token()
        )
        retry.renumber()
        return retry
    }
}

extension SIPMessage {
    /// Makes a new transaction of the same request: next CSeq, new branch.
    mutating func renumber() {
        guard let sequence, let via = self["Via"] else { return }
        self["CSeq"] = "\(sequence.number + 1) \(sequence.method)"
        self["Via"] = via.prefix { $0 != ";" } + ";rport;branch=z9hG4bK\(CallIdentity.token())"
    }

    /// The ACK of a refusal: it belongs to the INVITE's own transaction (RFC 3261 section 17.1.1.3).
    func acknowledgement(of response: SIPMessage) -> SIPMessage {
        var ack = followUp("ACK")
        ack["To"] = response["To"] ?? self["To"]
        return ack
    }

    /// The CANCEL of an INVITE (RFC 3261 section 9.1).
    var cancellation: SIPMessage { followUp("CANCEL") }

    private func followUp(_ method: String) -> SIPMessage {
        guard case .request(_, let uri) = start else { return self }
        var message = SIPMessage(.request(method: method, uri: uri))
        let kept: Set<String> = ["via", "route", "max-forwards", "from", "to", "call-id"]
        message.fields = fields.filter { kept.contains($0.name.lowercased()) }
        message["CSeq"] = "\(sequence?.number ?? 1) \(method)"
        return message
    }
}
