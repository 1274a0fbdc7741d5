import Testing

@testable import Phone

@Suite("SIP messages")
struct SIPMessageTests {
    static let ringing = """
        SIP/2.0 180 Ringing\r
        v: SIP/2.0/UDP 127.0.0.1:4000;branch=z9hG4bKabc;rport=4000, SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKdef\r
        From: "A, \\"quoted\\" name" <sip:demo@127.0.0.1>;tag=1\r
        t: <sip:8001@127.0.0.1>;tag="2"\r
        CSeq: 7\r
          INVITE\r
        l: 4\r
        \r
        bodyand more
        """

    @Test("compact names, lists, folded lines and the length of the body are understood")
    func parses() throws {
        let message = try #require(SIPMessage(bytes: Array(Self.ringing.utf8)))
        #expect(message.status == 180)
        #expect(message.reason == "Ringing")
        #expect(message.branch == "z9hG4bKabc")
        #expect(message.list("via").count == 2)
        #expect(message.sequence?.number == 7)
        #expect(message.sequence?.method == "INVITE")
        #expect(SIPFields.parameter("tag", of: message["To"] ?? "") == "2")
        #expect(message.body == "body")
    }

    @Test("what is written can be read again")
    func roundTrip() throws {
        let message = SIPMessage(
            .request(method: "INVITE", uri: "sip:8001@127.0.0.1"),
            [("CSeq", "1 INVITE")],
            body: "v=0\r\n"
        )
        let copy = try #require(SIPMessage(bytes: Array(message.wire.utf8)))
        #expect(copy.start == message.start)
        #expect(copy["Content-Length"] == "5")
        #expect(copy.body == message.body)
    }

    @Test(
        "what is not SIP is refused",
        arguments: [
            "", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "SIP/2.0 999 Odd\r\n\r\n", "INVITE sip:a\r\n\r\n",
            "INVITE sip:a SIP/2.0\r\nno colon\r\n\r\n", "INVITE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        ]
    )
    func refuses(_ text: String) { #expect(SIPMessage(bytes: Array(text.utf8)) == nil) }

    @Test(
        "the URI of an address",
        arguments: [
            ("\"Vega\" <sip:vega@host;lr>;tag=1", "sip:vega@host;lr"), ("sip:vega@host;tag=1", "sip:vega@host"),
            ("<sip:a@b>", "sip:a@b"),
        ]
    )
    func uri(_ value: String, _ expected: String) { #expect(SIPFields.uri(of: value) == expected) }
}

@Suite("Digest authentication")
struct DigestChallengeTests {
    @Test("the example of RFC 2617 section 3.5")
    func example() throws {
        let challenge = try #require(
            DigestChallenge(
                """
                Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", \
                opaque="5ccc069c403ebaf9f0171e9517f40e41"
                """
            )
        )
        let answer = challenge.answer(
            user: "Mufasa",
            password: "Circle Of Life",
            method: "GET",
            uri: "/dir/index.html",
            clientNonce: "0a4f113b"
        )
        #expect(answer.contains("response=\"6629fae49393a05397450978507c4ef1\""))
        #expect(answer.contains("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""))
    }

    @Test(
        "what we cannot do is not answered",
        arguments: ["Basic realm=x", "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-256"]
    )
    func unsupported(_ value: String) { #expect(DigestChallenge(value) == nil) }
}
