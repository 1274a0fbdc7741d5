import Testing

@testable import Applicationd

@Suite("Ids that follow from names")
struct NamedUUIDTests {
    @Test("are those that wazo-applicationd computes")
    func checkValues() {
        #expect(NamedUUID.application("test") == "f8e03926-9ddd-5da5-95ed-1c2afda82be0")
        #expect(
            NamedUUID.node("bigone", of: "f8e03926-9ddd-5da5-95ed-1c2afda82be0")
                == "f83dce5b-9aee-582b-a71a-99bdf57aa4eb"
        )
    }

    @Test(
        "and what is none is told from one",
        arguments: [
            ("f8e03926-9ddd-5da5-95ed-1c2afda82be0", true), ("F8E03926-9DDD-5DA5-95ED-1C2AFDA82BE0", false),
            ("tts", false), ("", false), ("f8e03926-9ddd-5da5-95ed-1c2afda82be", false),
            ("f8e039269-ddd-5da5-95ed-1c2afda82be0", false), ("g8e03926-9ddd-5da5-95ed-1c2afda82be0", false),
        ]
    )
    func isUUID(text: String, expected: Bool) { #expect(NamedUUID.isUUID(text) == expected) }
}
