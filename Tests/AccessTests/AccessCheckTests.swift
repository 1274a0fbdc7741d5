import Testing

@testable import Access

@Suite("What an ACL allows")
struct AccessCheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var acl: [String]
        var allowed: [String] = []
        var refused: [String] = []

        var testDescription: String { acl.joined(separator: ", ") }
    }

    /// The cases of xivo-lib-python's own tests.
    static let cases = [
        Case(
            acl: ["foo.bar.#"],
            allowed: ["foo.bar.toto", "foo.bar.toto.tata", "foo.bar.*", "foo.bar.*.*", "foo.bar.#"],
            refused: ["foo.bar", "other.bar.toto", "*.bar.toto", "*.*.toto", "#.bar.toto"]
        ),
        Case(
            acl: ["foo.bar.toto"],
            allowed: ["foo.bar.toto"],
            refused: [
                "foo.bar.toto.tata", "other.bar.toto", "foo.bar.*", "foo.bar.#", "*.bar.toto", "#.bar.toto",
            ]
        ),
        Case(
            acl: ["foo.*.*"],
            allowed: ["foo.bar.toto", "foo.*.*"],
            refused: ["foo.bar.toto.tata", "other.bar.toto", "foo.*", "foo.bar.#", "*.bar.toto"]
        ),
        Case(
            acl: ["foo", "foo.bar.toto", "other.#"],
            allowed: ["foo", "foo.bar.toto", "other.bar.toto"],
            refused: ["foo.bar", "foo.bar.toto.tata", "*", "*.*.toto", "#"]
        ),
        Case(
            acl: ["foo.bar.#.titi"],
            allowed: ["foo.bar.toto.tata.titi", "foo.bar.#.titi", "foo.bar.*.titi", "foo.bar.*.*.titi"],
            refused: ["foo.bar", "foo.bar.toto", "foo.bar.*.*", "foo.bar.#"]
        ),
        Case(
            acl: ["foo.#.me"],
            allowed: ["foo.bar.me", "foo.bar.123", "foo.bar.toto.123", "foo.*.123", "foo.#.me"],
            refused: ["foo.bar", "foo.bar.toto.me.titi", "foo.*.456", "foo.#.notme", "foo.*", "foo.#"]
        ),
        Case(
            acl: ["foo.#.me.bar"],
            allowed: ["foo.bar.123.bar", "foo.bar.me.bar", "foo.bar.toto.123.bar", "foo.#.me.bar"],
            refused: ["foo.bar.123", "foo.bar.me", "foo.*.456.bar", "foo.*.bar"]
        ),
        Case(acl: ["!foo.me.bar"], refused: ["foo.me.bar", "foo.123.bar", "other"]),
        Case(acl: ["!foo.me.bar", "foo.me.bar"], refused: ["foo.me.bar", "foo.123.bar"]),
        Case(acl: ["foo.me.bar", "foo.me.bar", "!foo.me.bar"], refused: ["foo.me.bar"]),
        Case(acl: ["foo.#", "!foo.me.bar.#", "foo.me.bar.123"], allowed: ["foo.x"], refused: ["foo.me.bar.123"]),
        Case(acl: ["foo.*.bar", "!foo.123.bar"], allowed: ["foo.me.bar"], refused: ["foo.123.bar"]),
        Case(acl: ["!*.bar", "foo.bar"], refused: ["foo.bar"]),
        Case(acl: [], refused: ["", "foo"]),
        Case(acl: ["#"], allowed: ["", "foo", "foo.bar", "#"]),
    ]

    static let words = [
        Case(acl: ["foo.#"], allowed: ["foo."], refused: ["foo"]),
        Case(
            acl: ["b*r"],
            allowed: ["br", "bar", "baar", "b*r", "barr"],
            refused: ["b.r", "b#r", "bars", "abar", "bAR"]
        ),
        Case(acl: ["foo#"], allowed: ["foo", "foobar", "foo.bar"], refused: ["fo", "xfoo"]),
        Case(acl: ["foo.*"], allowed: ["foo.", "foo.*"], refused: ["foo.#", "foo.a.b"]),
        Case(acl: ["a**b*#c"], allowed: ["abc", "axbx.y.c"], refused: ["ab", "a.bc"]),
        Case(acl: ["*#*.x"], allowed: [".x", "a.b.x", "#.x"], refused: ["x"]),
        Case(acl: ["me"], allowed: ["me", "123"], refused: ["", "me1"]),
        Case(acl: ["menu.home"], allowed: ["menu.home"], refused: ["123nu.home", "menu.ho123"]),
        Case(
            acl: ["auth.users.me.edit"],
            allowed: ["auth.users.123.update", "auth.users.me.edit", "auth.users.123.edit"],
            refused: ["auth.users.123.read", "auth.users.my_session.edit"]
        ),
        Case(acl: ["foo.update"], allowed: ["foo.update"], refused: ["foo.edit"]),
        Case(acl: ["x.my_session"], allowed: ["x.my_session", "x.s-1"], refused: ["x.123", "x.me"]),
        Case(acl: ["me.me.my_session.#"], allowed: ["123.me.s-1.x"], refused: ["123.456.s-1.x"]),
        Case(acl: ["a.(b|c)+"], allowed: ["a.(b|c)+"], refused: ["a.b", "a.bb"]),
        Case(acl: ["a\\.b"], allowed: ["a\\.b"], refused: ["a.b"]),
        Case(acl: ["!"], refused: ["", "a"]),
        Case(acl: ["#", "!foo.#"], allowed: ["foo"], refused: ["foo.bar", "foo.bar\nx"]),
    ]

    @Test("every case of the tables", arguments: cases + words)
    func tables(_ example: Case) {
        let check = AccessCheck(authID: "123", sessionID: "s-1", acl: example.acl)
        for scope in example.allowed { #expect(check.allows(scope), "\(scope)") }
        for scope in example.refused { #expect(!check.allows(scope), "\(scope)") }
    }

    @Test("nothing required is allowed to everybody, even with an empty ACL")
    func nothing() {
        #expect(AccessCheck(authID: nil, sessionID: nil, acl: []).allows(nil))
        #expect(AccessCheck(authID: nil, sessionID: nil, acl: ["!#"]).allows(nil))
    }

    @Test("a token without user or session: the words stand for themselves only")
    func anonymous() {
        let check = AccessCheck(authID: nil, sessionID: nil, acl: ["a.me", "b.my_session"])
        #expect(check.allows("a.me") && check.allows("b.my_session"))
        #expect(!check.allows("a.") && !check.allows("b."))
    }

    @Test("a user whose id looks like a wildcard gets nothing by it")
    func wildcardUser() {
        let check = AccessCheck(authID: "#", sessionID: "*", acl: ["a.me", "b.my_session"])
        #expect(!check.allows("a.x") && !check.allows("b.x"))
        #expect(check.allows("a.#"))
    }

    @Test("a pattern made to be slow is not, and a scope without end is refused")
    func hostile() {
        let acl = [String(repeating: "*a.#me.", count: 200)] + [String(repeating: "me.", count: 300)]
        let check = AccessCheck(authID: "123", sessionID: nil, acl: acl)
        let began = ContinuousClock.now
        #expect(!check.allows(String(repeating: "a", count: 2000)))
        #expect(!check.allows(String(repeating: "me.", count: 299) + "x"))
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(!AccessCheck(authID: nil, sessionID: nil, acl: ["#"]).allows(String(repeating: "a", count: 2049)))
    }

    @Test(
        "one may give only what one has, and always take away rights of others",
        arguments: [
            ("foo.bar", true, true), ("foo.#", true, true), ("other", false, false), ("!other", true, false),
            ("!foo.x", true, true), ("#", false, false), ("foo.secret", false, false),
        ]
    )
    func granting(_ access: String, mayGrant: Bool, mayWithdraw: Bool) {
        let check = AccessCheck(authID: "123", sessionID: nil, acl: ["foo.#", "!foo.secret"])
        #expect(check.mayGrant(access) == mayGrant)
        #expect(check.mayWithdraw(access) == mayWithdraw)
    }
}
