import ARI
import Fleet
import Testing

@Suite("What a channel takes over from the one that it is dialled for")
struct DialledForTests {
    private static func caller(_ name: String, _ number: String, account: String? = nil) -> Channel {
        var caller = Channel.made("a")
        caller.caller = CallerID(name: name, number: number)
        caller.language = "de"
        caller.accountcode = account
        return caller
    }

    @Test(
        "its name and number, as far as it has them",
        arguments: [
            ("Anna", "100", "CONNECTEDLINE(all,i)", "\"Anna\" <100>"), ("", "100", "CONNECTEDLINE(num,i)", "100"),
            ("Anna", "", "CONNECTEDLINE(name,i)", "Anna"),
        ]
    )
    func party(name: String, number: String, function: String, value: String) {
        #expect(
            DialledFor(Self.caller(name, number)).settings() == ["CHANNEL(language)": "de", function: value]
        )
        #expect(DialledFor(Self.caller("", "")).settings() == ["CHANNEL(language)": "de"])
    }

    @Test("accounts cross over, and music is taken where there is none")
    func accounts() {
        let answers = ["CHANNEL(musicclass)": "jazz", "CHANNEL(peeraccount)": "theirs"]
        let dialled = DialledFor(Self.caller("", "", account: "ours"), answers: answers)
        let accounts = [
            "CHANNEL(language)": "de", "CHANNEL(peeraccount)": "ours", "CHANNEL(accountcode)": "theirs",
        ]
        #expect(dialled.settings() == accounts.merging(["CHANNEL(musicclass)": "jazz"]) { $1 })
        #expect(dialled.settings(over: ["CHANNEL(musicclass)": "rock"]) == accounts)
    }

    @Test("the variables that are to be inherited, and how far")
    func inheritance() {
        let names = ["PLAIN", "_ONCE", "__ALWAYS", "_BOTH", "__BOTH"]
        #expect(DialledFor.inherited(names) == ["ONCE": "ONCE", "ALWAYS": "__ALWAYS", "BOTH": "__BOTH"])
        #expect(DialledFor.inherited(names.reversed()) == DialledFor.inherited(names))
    }

    @Test("who redirected the call, where somebody did")
    func redirection() {
        var caller = Self.caller("", "")
        #expect(!DialledFor.asked(of: caller).contains("REDIRECTING(from-num)"))
        caller.callerRdnis = "999"
        #expect(DialledFor.asked(of: caller).contains("REDIRECTING(from-num)"))
        #expect(
            DialledFor(caller, answers: ["REDIRECTING(from-num)": "999", "REDIRECTING(to-num)": ""]).settings()
                == ["CHANNEL(language)": "de", "REDIRECTING(from-num,i)": "999"]
        )
    }

    @Test("where a request to dial goes")
    func route() throws {
        let request = try #require(ARIRequest(method: "POST", target: "/ari/channels/b/dial?caller=a", prefix: "/ari"))
        #expect(RequestRoute(request) == .dial(channel: "b", caller: "a"))
        let plain = try #require(ARIRequest(method: "POST", target: "/ari/channels/b/dial?caller=", prefix: "/ari"))
        #expect(RequestRoute(plain) == .channel("b"))
    }
}
