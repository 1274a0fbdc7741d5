import Testing

@testable import Phone

/// A machine and the far end that a test plays.
private struct Conversation {
    var machine: CallMachine
    var now = ContinuousClock.now
    var actions: [CallMachine.Action] = []

    init(registers: Bool = false) {
        let account = PhoneAccount(user: "demo", password: "demo", host: "127.0.0.1")
        machine = CallMachine(
            identity: CallIdentity(account: account, localSIP: "127.0.0.1:4000"),
            number: "8001",
            localMedia: LocalMedia(address: "127.0.0.1", port: 4002),
            registers: registers,
            ringLimit: .seconds(60)
        )
        handle(.start)
    }

    mutating func handle(_ input: CallMachine.Input) { actions = machine.handle(input, now) }

    mutating func pass(_ time: Duration) {
        now += time
        handle(.tick)
    }

    var sent: [SIPMessage] { actions.compactMap { if case .send(let message) = $0 { message } else { nil } } }
    var methods: [String] { sent.compactMap(\.method) }
    var endings: [CallEnding] { actions.compactMap { if case .ended(let ending) = $0 { ending } else { nil } } }

    /// The far end's response to a request of ours.
    mutating func answer(
        _ request: SIPMessage,
        _ status: Int,
        _ reason: String = "",
        fields: [(String, String)] = [],
        body: String = ""
    ) {
        var response = request.reply(status, reason, identity: machine.identity, body: body)
        response["To"] = SIPFields.trimmed(request["To"]?.prefix { $0 != ";" } ?? "") + ";tag=far"
        response["Contact"] = "<sip:far@127.0.0.8:5071>"
        response.fields += fields.map { .init(name: $0.0, value: $0.1) }
        handle(.message(response))
    }

    static let sdp = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 10000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"

    /// Goes on to an answered call, and returns the INVITE.
    mutating func connect() throws -> SIPMessage {
        let invite = try #require(sent.first)
        answer(
            invite,
            200,
            "OK",
            fields: [("Record-Route", "<sip:second;lr>"), ("Record-Route", "<sip:first;lr>")],
            body: Self.sdp
        )
        return invite
    }

    /// A request of the far end inside the call.
    func farRequest(_ method: String, body: String = "") -> SIPMessage {
        SIPMessage(
            .request(method: method, uri: "sip:demo@127.0.0.1:4000"),
            [
                ("Via", "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKfar\(method)"),
                ("From", "<sip:8001@127.0.0.1>;tag=far"), ("To", machine.identity.from),
                ("Call-ID", machine.identity.callID), ("CSeq", "1 \(method)"), ("Contact", "<sip:moved@127.0.0.8>"),
            ],
            body: body
        )
    }
}

@Suite("A call as a state machine")
struct CallMachineTests {
    @Test("an INVITE is sent again after 0.5, 1, 2, 4 ... seconds and given up after 32")
    func retransmits() {
        var call = Conversation()
        #expect(call.methods == ["INVITE"])
        var waits: [Duration] = []
        while let deadline = call.machine.deadline {
            waits.append(call.now.duration(to: deadline))
            call.pass(call.now.duration(to: deadline))
            if call.methods != ["INVITE"] { break }
        }
        #expect(waits.dropLast() == [.seconds(0.5), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)])
        #expect(call.endings == [.timeout])
        #expect(call.actions.last == .finished)
    }

    @Test("the answer is acknowledged along the recorded route, and sound starts")
    func answers() throws {
        var call = Conversation()
        let invite = try call.connect()
        let ack = try #require(call.sent.first)
        #expect(ack.start == .request(method: "ACK", uri: "sip:far@127.0.0.8:5071"))
        #expect(ack.list("Route") == ["<sip:first;lr>", "<sip:second;lr>"])
        #expect(ack.sequence?.number == invite.sequence?.number)
        #expect(ack.branch != invite.branch)
        #expect(call.actions.contains(.answered))
        #expect(call.machine.remoteMedia?.port == 10_000)
        #expect(call.machine.remoteMedia?.eventPayloadType == 101)
        call.answer(invite, 200, "OK", body: Conversation.sdp)
        #expect(call.methods == ["ACK"], "a repeated answer is acknowledged again")
    }

    @Test(
        "both kinds of challenge are answered, each once",
        arguments: [(401, "WWW-Authenticate", "Authorization"), (407, "Proxy-Authenticate", "Proxy-Authorization")]
    )
    func authenticates(_ status: Int, _ challenge: String, _ answer: String) throws {
        var call = Conversation()
        let first = try #require(call.sent.first)
        call.answer(first, status, fields: [(challenge, "Digest realm=\"r\", nonce=\"n\"")])
        #expect(call.methods == ["ACK", "INVITE"])
        #expect(call.sent.first?.branch == first.branch, "the ACK of a refusal belongs to its INVITE")
        let second = try #require(call.sent.last)
        #expect(second[answer]?.contains("nonce=\"n\"") == true)
        #expect(second.sequence?.number == 2)
        #expect(second.branch != first.branch)
        call.answer(second, status, "Forbidden", fields: [(challenge, "Digest realm=\"r\", nonce=\"m\"")])
        #expect(call.endings.first?.status == status)
    }

    @Test("an edge and a node may both ask")
    func authenticatesTwice() throws {
        var call = Conversation()
        call.answer(
            try #require(call.sent.first),
            407,
            fields: [("Proxy-Authenticate", "Digest realm=\"edge\", nonce=\"1\"")]
        )
        call.answer(
            try #require(call.sent.last),
            401,
            fields: [("WWW-Authenticate", "Digest realm=\"node\", nonce=\"2\"")]
        )
        let third = try #require(call.sent.last)
        #expect(third["Authorization"] != nil)
        #expect(third["Proxy-Authorization"] != nil)
        #expect(third.sequence?.number == 3)
    }

    @Test("a refusal is acknowledged and reported", arguments: [404, 486, 503, 603])
    func refused(_ status: Int) throws {
        var call = Conversation()
        call.answer(try #require(call.sent.first), status, "No")
        #expect(call.methods == ["ACK"])
        #expect(call.endings == [CallEnding(status: status, reason: "No")])
        #expect(call.actions.last == .finished)
    }

    @Test("hanging up while it rings cancels")
    func cancels() throws {
        var call = Conversation()
        let invite = try #require(call.sent.first)
        call.answer(invite, 180)
        call.handle(.hangUp)
        let cancel = try #require(call.sent.first)
        #expect(cancel.method == "CANCEL")
        #expect(cancel.branch == invite.branch)
        call.answer(cancel, 200)
        call.answer(invite, 487, "Request Terminated")
        #expect(call.methods == ["ACK"])
        #expect(call.endings.first?.status == 487)
    }

    @Test("a CANCEL waits for the first sign of life")
    func cancelsLater() throws {
        var call = Conversation()
        let invite = try #require(call.sent.first)
        call.handle(.hangUp)
        #expect(call.methods.isEmpty)
        call.answer(invite, 100)
        #expect(call.methods == ["CANCEL"])
    }

    @Test("an answer that crosses the CANCEL is acknowledged and hung up")
    func crossing() throws {
        var call = Conversation()
        let invite = try #require(call.sent.first)
        call.answer(invite, 180)
        call.handle(.hangUp)
        call.answer(invite, 200, "OK", body: Conversation.sdp)
        #expect(call.methods == ["ACK", "BYE"])
    }

    @Test("ringing too long ends the call")
    func ringsOut() throws {
        var call = Conversation()
        call.answer(try #require(call.sent.first), 180)
        call.pass(.seconds(61))
        #expect(call.methods == ["CANCEL"])
        call.pass(.seconds(5))
        #expect(call.endings.first?.status == 487)
    }

    @Test("our BYE follows the route, and a silent far end does not hold us for long")
    func hangsUp() throws {
        var call = Conversation()
        _ = try call.connect()
        call.handle(.hangUp)
        #expect(call.methods == ["BYE"])
        #expect(call.sent.first?.list("Route").count == 2)
        #expect(call.sent.first?.sequence?.number == 2)
        #expect(call.endings.first?.hungUpBy == .caller)
        call.pass(.seconds(4))
        #expect(call.actions.last == .finished)
    }

    @Test("their BYE is answered and ends the call")
    func hungUp() throws {
        var call = Conversation()
        _ = try call.connect()
        call.handle(.message(call.farRequest("BYE")))
        #expect(call.sent.first?.status == 200)
        #expect(call.endings.first?.hungUpBy == .callee)
        #expect(call.actions.last == .finished)
    }

    @Test("a BYE of another call is refused and changes nothing")
    func strangeBye() throws {
        var call = Conversation()
        _ = try call.connect()
        var bye = call.farRequest("BYE")
        bye["From"] = "<sip:8001@127.0.0.1>;tag=other"
        call.handle(.message(bye))
        #expect(call.sent.first?.status == 481)
        #expect(call.endings.isEmpty)
    }

    @Test("a re-INVITE moves the sound")
    func moves() throws {
        var call = Conversation()
        _ = try call.connect()
        call.handle(.message(call.farRequest("INVITE", body: Conversation.sdp.replacing("10000", with: "10200"))))
        #expect(call.sent.first?.status == 200)
        #expect(call.sent.first?.body.contains("m=audio 4002 RTP/AVP 0 101") == true)
        #expect(call.machine.remoteMedia?.port == 10_200)
        call.handle(.hangUp)
        #expect(call.sent.first?.start == .request(method: "BYE", uri: "sip:moved@127.0.0.8"))
    }

    @Test(
        "an answer without sound in common is hung up",
        arguments: ["", "v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 18\r\n"]
    )
    func noCodec(_ body: String) throws {
        var call = Conversation()
        call.answer(try #require(call.sent.first), 200, "OK", body: body)
        #expect(call.methods == ["ACK", "BYE"])
        #expect(call.endings.first?.status == 488)
    }

    @Test("a registration comes before the call and goes after it")
    func registers() throws {
        var call = Conversation(registers: true)
        let register = try #require(call.sent.first)
        #expect(register.method == "REGISTER")
        call.answer(register, 200)
        #expect(call.methods == ["INVITE"])
        _ = try call.connect()
        call.handle(.message(call.farRequest("BYE")))
        let goodbye = try #require(call.sent.last)
        #expect(goodbye["Expires"] == "0")
        #expect(goodbye["Call-ID"] == register["Call-ID"])
        call.answer(goodbye, 200)
        #expect(call.actions == [.finished])
    }

    @Test(
        "requests outside of the call",
        arguments: [("OPTIONS", 200), ("INVITE", 486), ("BYE", 481), ("CANCEL", 481), ("SUBSCRIBE", 501)]
    )
    func others(_ method: String, _ status: Int) {
        var call = Conversation()
        var request = call.farRequest(method)
        request["To"] = "<sip:demo@127.0.0.1>"
        call.handle(.message(request))
        #expect(call.sent.first?.status == status)
        #expect(call.sent.first?.branch == "z9hG4bKfar\(method)")
    }
}
