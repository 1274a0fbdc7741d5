import Testing

@testable import EdgeAgent

struct SIPDigestTests {
    @Test(
        "HA1 is the digest of user, realm and password",
        arguments: [
            // RFC 2617 section 3.5.
            ("Mufasa", "testrealm@host.com", "Circle Of Life", "939e7578ed9e3c518a452acee763bce9"),
            ("demo", "asterism", "demo", "c32eb447e2249664cf520b99a5cc26ee"),
            ("demo2", "asterism", "demo2", "1197ee03161458c7be7201389f448f2b"),
            ("демо", "asterism", "пароль", "20a22de6357026cc2ce8dd0ddebd4b6c"),
            ("", "", "", "4501c091b0366d76ea3218b6cfdd8097"),
        ]
    )
    func knownDigests(user: String, realm: String, password: String, digest: String) {
        #expect(SIPDigest.ha1(user: user, realm: realm, password: password) == digest)
    }
}
