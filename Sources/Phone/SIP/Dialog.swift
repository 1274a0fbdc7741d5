/// An answered call as both ends know it (RFC 3261 section 12): enough to write the requests inside it.
struct Dialog: Sendable {
    let identity: CallIdentity
    /// The callee, with its tag.
    let remote: String
    /// Where the callee says it is reached; a re-INVITE may change it.
    private(set) var target: String
    /// The proxies that asked to stay in the path, nearest first.
    let routes: [String]
    private(set) var sequence: Int
    private let inviteSequence: Int

    /// The dialog that a 2xx makes; nil when the response lacks what a dialog needs.
    init?(identity: CallIdentity, invite: SIPMessage, answer: SIPMessage) {
        guard let remote = answer["To"], SIPFields.parameter("tag", of: remote) != nil,
            let contact = answer.list("Contact").first, let sequence = invite.sequence?.number
        else { return nil }
        self.identity = identity
        self.remote = remote
        target = SIPFields.uri(of: contact)
        routes = answer.list("Record-Route").reversed()
        self.sequence = sequence
        inviteSequence = sequence
    }

    /// The ACK of the 2xx, a transaction of its own.
    func acknowledgement() -> SIPMessage { request("ACK", number: inviteSequence) }

    mutating func bye() -> SIPMessage {
        sequence += 1
        return request("BYE", number: sequence)
    }

    mutating func retarget(_ request: SIPMessage) {
        if let contact = request.list("Contact").first { target = SIPFields.uri(of: contact) }
    }

    /// Whether a request from the other end is about this dialog.
    func owns(_ request: SIPMessage) -> Bool {
        request["Call-ID"] == identity.callID
            && request["To"].flatMap { SIPFields.parameter("tag", of: $0) } == identity.localTag
            && request["From"].flatMap { SIPFields.parameter("tag", of: $0) } == SIPFields.parameter("tag", of: remote)
    }

    private func request(_ method: String, number: Int) -> SIPMessage {
        var message = identity.request(method, uri: target, to: remote, sequence: number)
        for route in routes { message.fields.append(.init(name: "Route", value: route)) }
        return message
    }
}
