import Testing

@testable import Access

@Suite("Whose word is taken for where a client is")
struct TrustedProxiesTests {
    @Test(
        "addresses and networks",
        arguments: [
            ("", "127.0.0.1", true), ("", "127.9.9.9", true), ("", "::1", true), ("", "::ffff:127.0.0.1", true),
            ("", "128.0.0.1", false), ("", "10.0.0.5", false), ("", "", false), ("", "x", false),
            ("10.0.0.5", "10.0.0.5", true), ("10.0.0.5", "::ffff:10.0.0.5", true), ("10.0.0.5", "10.0.0.6", false),
            ("172.16.0.0/12", "172.31.255.255", true), ("172.16.0.0/12", "172.32.0.0", false),
            ("10.0.0.1, fd00::/8", "fdff::1", true), ("10.0.0.1, fd00::/8", "fe00::1", false),
            ("0.0.0.0/0", "192.0.2.1", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "192.0.2.1", true),
        ]
    )
    func trusts(proxies: String, address: String, expected: Bool) throws {
        #expect(try TrustedProxies(proxies).trusts(address) == expected)
    }

    @Test(
        "what is no address is an error that names it",
        arguments: ["nginx", "10.0.0.0/33", "10.0.0", "::1/x", "1/2/3"]
    )
    func nonsense(text: String) {
        #expect(throws: TrustedProxiesError(word: text)) { try TrustedProxies("10.0.0.1," + text) }
    }
}
