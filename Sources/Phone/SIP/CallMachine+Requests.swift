/// What the other end asks of us.
extension CallMachine {
    mutating func handleRequest(_ request: SIPMessage, _ now: Instant) -> [Action] {
        switch (request.method, dialog) {
        case ("ACK", _):
            // Answers our offer when a re-INVITE brought none.
            return isOurs(request) ? media(in: request) : []
        case ("OPTIONS", _):
            return reply(request, 200, "OK")
        case ("BYE", let dialog?) where dialog.owns(request):
            guard case .talking = phase else { return reply(request, 200, "OK") }
            let ending = CallEnding(status: 200, reason: "OK", hungUpBy: .callee)
            return reply(request, 200, "OK") + end(ending, now)
        case ("INVITE", var dialog?) where dialog.owns(request):
            guard case .talking = phase else { return reply(request, 481, "Call Does Not Exist") }
            dialog.retarget(request)
            phase = .talking(dialog)
            let moved = media(in: request)
            // An offer that we cannot take leaves the session as it was (RFC 3261 section 14.2).
            if !request.body.isEmpty, RemoteMedia(sdp: request.body) == nil {
                return reply(request, 488, "Not Acceptable Here")
            }
            let codecs = request.body.isEmpty ? Codec.allCases : [remoteMedia?.codec ?? .pcmu]
            return moved
                + [.send(request.reply(200, "OK", identity: identity, body: localMedia.sdp(codecs)))]
        case ("UPDATE", let dialog?) where dialog.owns(request),
            ("INFO", let dialog?) where dialog.owns(request),
            ("NOTIFY", let dialog?) where dialog.owns(request):
            return reply(request, 200, "OK")
        case ("INVITE", _):
            return request["To"].flatMap { SIPFields.parameter("tag", of: $0) } == nil
                ? reply(request, 486, "Busy Here") : reply(request, 481, "Call Does Not Exist")
        case ("BYE", _), ("UPDATE", _), ("INFO", _), ("CANCEL", _):
            return reply(request, 481, "Call Does Not Exist")
        default:
            return reply(request, 501, "Not Implemented")
        }
    }

    private func isOurs(_ request: SIPMessage) -> Bool {
        if case .talking(let dialog) = phase { dialog.owns(request) } else { false }
    }

    private func reply(_ request: SIPMessage, _ status: Int, _ reason: String) -> [Action] {
        [.send(request.reply(status, reason, identity: identity))]
    }
}
