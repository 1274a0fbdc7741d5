import Access
import Testing

@Suite("What a request must be granted")
struct RequestAccessTests {
    @Test(
        "is made of its path and method",
        arguments: [
            ("GET", "/ari/channels", "ari.channels.read"), ("HEAD", "/ari/channels/", "ari.channels.read"),
            ("GET", "/ari/channels/1583859032.5", "ari.channels.1583859032_5.read"),
            ("POST", "/ari/channels/a/answer", "ari.channels.a.answer.create"),
            ("PUT", "/fleet/routes/8001", "fleet.routes.8001.update"),
            ("DELETE", "/ari/bridges/b", "ari.bridges.b.delete"),
            ("GET", "//ari///channels", "ari.channels.read"), ("get", "/ari/%63hannels", "ari.channels.read"),
            ("GET", "/ari/channels/a%2Eb", "ari.channels.a_b.read"), ("BREW", "/ari/channels", "ari.channels.brew"),
            ("GET", "/ari/channels/%FF", "ari.channels.%FF.read"),
        ]
    )
    func scopes(_ method: String, _ path: String, _ scope: String) {
        #expect(RequestAccess.required(method: method, path: path) == scope)
    }

    @Test(
        "is granted in parts",
        arguments: [
            (["ari.#"], "DELETE", "/ari/channels/a", true), (["ari.#.read"], "GET", "/ari/channels/a", true),
            (["ari.#.read"], "POST", "/ari/channels/a/answer", false),
            (["ari.bridges.#"], "GET", "/ari/channels", false),
            (["ari.#", "!ari.asterisk.#"], "PUT", "/ari/asterisk/modules/x", false),
            (["ari.#", "!ari.asterisk.#"], "PUT", "/ari/%61sterisk/modules/x", false),
            (["fleet.#"], "GET", "/ari/channels", false),
        ]
    )
    func grants(_ acl: [String], _ method: String, _ path: String, _ isGranted: Bool) {
        let check = AccessCheck(authID: nil, sessionID: nil, acl: acl)
        #expect(check.allows(RequestAccess.required(method: method, path: path)) == isGranted)
    }
}
