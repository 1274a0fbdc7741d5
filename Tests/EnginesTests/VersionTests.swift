import Testing

@testable import Engines

@Suite("Versions of Asterisk")
struct VersionTests {
    @Test(
        "what `asterisk -V` prints is understood",
        arguments: [
            ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n", AsteriskVersion(22, 10, 1)),
            ("Asterisk 20.5.0~dfsg+~cs6.13", AsteriskVersion(20, 5, 0)),
            ("Asterisk certified/20.7-cert2", AsteriskVersion(20, 7)),
            ("Asterisk 23", AsteriskVersion(23)),
            ("22.5.2", AsteriskVersion(22, 5, 2)),
        ]
    )
    func parsed(text: String, expected: AsteriskVersion) {
        #expect(AsteriskVersion(parsing: text) == expected)
    }

    @Test("anything else is not a version", arguments: ["", "command not found", "Asterisk GIT-master-1234"])
    func refused(text: String) {
        #expect(AsteriskVersion(parsing: text) == nil)
    }

    @Test("releases are in order")
    func order() {
        #expect(AsteriskVersion(20, 15) < AsteriskVersion(22, 5))
        #expect(AsteriskVersion(22, 5) < AsteriskVersion(22, 10, 1))
        #expect(AsteriskVersion(18, 26) < .oldestSupported)
    }

    @Test(
        "which releases dial for events",
        arguments: [
            (AsteriskVersion(20, 14), false), (AsteriskVersion(20, 15), true), (AsteriskVersion(22, 4, 1), false),
            (AsteriskVersion(22, 5), true), (AsteriskVersion(23), true), (AsteriskVersion(18, 30), false),
        ]
    )
    func outbound(version: AsteriskVersion, expected: Bool) {
        #expect(version.hasOutboundWebSockets == expected)
    }
}
