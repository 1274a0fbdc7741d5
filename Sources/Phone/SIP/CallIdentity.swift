/// What stays the same in every message of one call: who we are, where we are reached, and the tokens that name the call.
struct CallIdentity: Sendable {
    var account: PhoneAccount
    var displayName: String?
    /// Our SIP socket, as `address:port`.
    var localSIP: String
    let callID: String
    let localTag: String

    init(account: PhoneAccount, displayName: String? = nil, localSIP: String) {
        self.account = account
        self.displayName = displayName
        self.localSIP = localSIP
        callID = Self.token()
        localTag = Self.token()
    }

    /// A word that nobody else uses.
    static func token() -> String {
        String(UInt64.random(in: 0...UInt64.max), radix: 36) + String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    /// A new Via; the branch starts with the cookie of RFC 3261 section 8.1.1.7.
    func via() -> String {
        "SIP/2.0/\(account.transport.rawValue.uppercased()) \(localSIP);rport;branch=z9hG4bK\(Self.token())"
    }

    var addressOfRecord: String { "sip:\(account.user)@\(account.bracketedHost)" }

    /// The From of our requests.
    var from: String {
        let name = displayName.map { "\"\($0.filter { $0 != "\"" && $0 != "\\" })\" " } ?? ""
        return "\(name)<\(addressOfRecord)>;tag=\(localTag)"
    }

    var contact: String {
        let transport = account.transport == .tcp ? ";transport=tcp" : ""
        return "<sip:\(account.user)@\(localSIP)\(transport)>"
    }

    /// A request outside of a dialog.
    func request(_ method: String, uri: String, to: String, sequence: Int, callID: String? = nil) -> SIPMessage {
        SIPMessage(
            .request(method: method, uri: uri),
            [
                ("Via", via()), ("Max-Forwards", "70"), ("From", from), ("To", to), ("Call-ID", callID ?? self.callID),
                ("CSeq", "\(sequence) \(method)"), ("Contact", contact), ("User-Agent", "Asterism"),
                ("Allow", Self.allowed),
            ]
        )
    }

    /// The INVITE that starts the call.
    func invite(number: String, offer: String) -> SIPMessage {
        let uri = "sip:\(number)@\(account.hostPort)"
        var message = request("INVITE", uri: uri, to: "<sip:\(number)@\(account.bracketedHost)>", sequence: 1)
        message["Content-Type"] = "application/sdp"
        message.body = offer
        return message
    }

    /// A REGISTER, or with `expires` 0 its undoing. It has its own Call-ID: a registration is not part of the call.
    func register(expires: Int, sequence: Int) -> SIPMessage {
        var message = request(
            "REGISTER",
            uri: "sip:\(account.hostPort)",
            to: "<\(addressOfRecord)>",
            sequence: sequence,
            callID: "register-\(callID)"
        )
        message["Expires"] = String(expires)
        return message
    }

    static let allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
}
