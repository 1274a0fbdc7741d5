import Foundation
import Gateway
import NIOHTTP1
import Registry
import Testing

@Suite("Who may use the gateway")
struct AuthenticatorTests {
    private let authenticator = Authenticator([
        Credentials(user: "wazo", password: "s3:cret"), Credentials(user: "other", password: "pass"),
    ])

    private static func basic(_ text: String) -> HTTPHeaders {
        ["Authorization": "Basic " + Data(text.utf8).base64EncodedString()]
    }

    @Test("a user with the right password, by header or api_key")
    func admitted() {
        #expect(authenticator.admits(Self.basic("wazo:s3:cret"), apiKey: nil))
        #expect(authenticator.admits(Self.basic("other:pass"), apiKey: nil))
        #expect(authenticator.admits([:], apiKey: "wazo:s3:cret"))
    }

    @Test("nobody else", arguments: ["wazo:wrong!!", "wazo:s3:cret ", "nobody:s3:cret", "wazo", "", "other:s3:cret"])
    func refused(text: String) {
        #expect(!authenticator.admits(Self.basic(text), apiKey: nil))
        #expect(!authenticator.admits([:], apiKey: text))
    }

    @Test("a wrong header is not made good by a key, and no credentials are no credentials")
    func mixed() {
        #expect(!authenticator.admits(Self.basic("wazo:wrong"), apiKey: "wazo:s3:cret"))
        #expect(!authenticator.admits(["Authorization": "Bearer x"], apiKey: nil))
        #expect(!authenticator.admits(["Authorization": "Basic %%%"], apiKey: nil))
        #expect(!authenticator.admits([:], apiKey: nil))
    }

    @Test("no secret is printed") func secrecy() { #expect(!"\(authenticator)".contains("cret")) }
}

@Suite("Names that are written into configurations")
struct NamesTests {
    @Test(
        "numbers",
        arguments: [
            ("8001", true), ("*98#", true), ("+4930123", true), ("", false), ("8001,1", false),
            ("80 01", false), ("_X.", false), ("8001\n", false), (String(repeating: "1", count: 33), false),
        ]
    )
    func numbers(text: String, isNumber: Bool) { #expect(Names.isNumber(text) == isNumber) }

    @Test(
        "applications and subscribers",
        arguments: [
            ("tts", true), ("my-app.v2_x", true), ("", false), ("a,b", false),
            ("a/b", false), ("ä", false), ("a;b", false), ("a)", false),
        ]
    )
    func names(text: String, isName: Bool) {
        #expect(Names.isApplication(text) == isName)
        #expect(Names.isSubscriber(text) == isName)
    }
}
