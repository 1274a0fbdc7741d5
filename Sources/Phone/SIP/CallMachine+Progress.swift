/// How the call moves on when one of its requests is answered, or never is.
extension CallMachine {
    /// Lets the pending exchanges of the phase take a step, and moves on when one of them is over.
    mutating func advance(_ now: Instant, _ step: (inout Exchange) -> Exchange.Step) -> [Action] {
        switch phase {
        case .idle, .talking, .finished:
            return []
        case .registering(var exchange):
            let result = step(&exchange)
            phase = .registering(exchange)
            return result.send.map(Action.send) + registered(result.outcome, now)
        case .unregistering(var exchange), .leaving(var exchange):
            let result = step(&exchange)
            if case .leaving = phase { phase = .leaving(exchange) } else { phase = .unregistering(exchange) }
            let sent = result.send.map(Action.send)
            switch result.outcome {
            case .final, .timedOut: return sent + tidyUp(now)
            case .provisional, nil: return sent
            }
        case .inviting(var exchange, let limit):
            let result = step(&exchange)
            phase = .inviting(exchange, ringsUntil: limit)
            let actions = result.send.map(Action.send) + invited(exchange, result.outcome, now)
            if case .inviting = phase, limit <= now { return actions + hangUp(now) }
            return actions
        case .cancelling(var invite, var cancel):
            var sent: [Action] = []
            if var pending = cancel {
                sent = step(&pending).send.map(Action.send)
                cancel = pending
            }
            let result = step(&invite)
            phase = .cancelling(invite: invite, cancel: cancel)
            return sent + result.send.map(Action.send) + cancelled(invite, cancel, result.outcome, now)
        }
    }

    private mutating func registered(_ outcome: Exchange.Outcome?, _ now: Instant) -> [Action] {
        switch outcome {
        case .final(let response) where response.isSuccess: invite(now)
        case .final(let response): end(CallEnding(response), now)
        case .timedOut: end(.timeout, now)
        case .provisional, nil: []
        }
    }

    private mutating func invited(_ invite: Exchange, _ outcome: Exchange.Outcome?, _ now: Instant) -> [Action] {
        switch outcome {
        case .provisional(let response): media(in: response)
        case .final(let response) where response.isSuccess: answered(invite, response, now)
        case .final(let response): end(CallEnding(response), now)
        case .timedOut: end(.timeout, now)
        case nil: []
        }
    }

    private mutating func cancelled(
        _ invite: Exchange,
        _ cancel: Exchange?,
        _ outcome: Exchange.Outcome?,
        _ now: Instant
    ) -> [Action] {
        switch outcome {
        case .provisional: return cancel == nil ? self.cancel(invite, now) : []
        case .final(let response) where response.isSuccess:
            // Answer and CANCEL crossed: there is a call now, and it must be ended as one.
            return answered(invite, response, now) + hangUp(now)
        case .final(let response): return end(CallEnding(response), now)
        case .timedOut: return end(CallEnding(status: 487, reason: "Request Terminated"), now)
        case nil: return []
        }
    }

    private mutating func answered(_ invite: Exchange, _ answer: SIPMessage, _ now: Instant) -> [Action] {
        guard var dialog = Dialog(identity: identity, invite: invite.request, answer: answer) else {
            return end(CallEnding(status: 502, reason: "Answer without Contact or tag"), now)
        }
        self.dialog = dialog
        let acknowledgement = Action.send(dialog.acknowledgement())
        let sound = media(in: answer)
        guard remoteMedia != nil else {
            let ending = CallEnding(status: 488, reason: "Answered without a codec in common")
            self.ending = ending
            return [acknowledgement, .ended(ending)] + leave(&dialog, now)
        }
        phase = .talking(dialog)
        return [acknowledgement] + sound + [.answered]
    }
}
