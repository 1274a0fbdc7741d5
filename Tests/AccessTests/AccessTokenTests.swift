import ARI
import Foundation
import Testing

@testable import Access

@Suite("Tokens on the wire")
struct AccessTokenTests {
    static let wire = """
        {"token": "e30ad9e5-6c6b-4a4f-8f2a-0f6f5b8b9c11", "auth_id": "u-1", "xivo_user_uuid": "u-1", "xivo_uuid": "x-1",
        "issued_at": "2026-01-31T13:00:00.250000", "expires_at": "2026-01-31T15:00:00.250000",
        "utc_issued_at": "2026-01-31T12:00:00.250000", "utc_expires_at": "2026-01-31T14:00:00.250000",
        "acl": ["websocketd", "events.#"], "metadata": {"uuid": "u-2", "tenant_uuid": "t-1", "purpose": "user", "x": [1]},
        "session_uuid": "s-1", "remote_addr": "192.0.2.1", "user_agent": "curl", "novelty": {"a": 1}}
        """

    private func decode(_ text: String) throws -> AccessToken {
        try JSONDecoder().decode(AccessToken.self, from: Data(text.utf8))
    }

    @Test("everything is read, what is unknown passed over")
    func reads() throws {
        let token = try decode(Self.wire)
        #expect(token.token == "e30ad9e5-6c6b-4a4f-8f2a-0f6f5b8b9c11")
        #expect(token.authID == "u-1" && token.userUUID == "u-1" && token.installation == "x-1")
        #expect(token.issued == Date(timeIntervalSince1970: 1_769_860_800.25))
        #expect(token.expiry == Date(timeIntervalSince1970: 1_769_868_000.25))
        #expect(token.acl == ["websocketd", "events.#"])
        #expect(token.metadata.uuid == "u-2" && token.metadata.tenantUUID == "t-1" && !token.metadata.isAdmin)
        #expect(token.metadata.fields["x"] == [1])
        #expect(token.sessionUUID == "s-1" && token.remoteAddress == "192.0.2.1" && token.userAgent == "curl")
        #expect(token.refreshToken == nil)
    }

    @Test("what is written is what was read, with the ACL under both names and no refresh token that is not there")
    func writes() throws {
        let token = try decode(Self.wire)
        let written = try JSONEncoder().encode(token)
        #expect(try JSONDecoder().decode(AccessToken.self, from: written) == token)
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: written)
        #expect(fields["acl"] == ["websocketd", "events.#"] && fields["acls"] == fields["acl"])
        #expect(fields["utc_expires_at"] == "2026-01-31T14:00:00.250000")
        #expect(fields["refresh_token"] == nil)
        var nobody = token
        nobody.userUUID = nil
        let members = try JSONDecoder().decode([String: JSONValue].self, from: JSONEncoder().encode(nobody))
        #expect(members["xivo_user_uuid"] == .null)
    }

    @Test(
        "the least that a token must have is itself and an expiry",
        arguments: [
            (#"{"token":"a","utc_expires_at":"2026-01-31 14:00:00"}"#, true),
            (#"{"token":"a","utc_expires_at":"2026-01-31T14:00:00","acls":["x"],"metadata":null,"auth_id":7}"#, true),
            (#"{"token":"a","expires_at":"2026-01-31T14:00:00.1"}"#, true),
            (#"{"token":"a"}"#, false),
            (#"{"token":"a","utc_expires_at":"tomorrow"}"#, false),
            (#"{"utc_expires_at":"2026-01-31 14:00:00"}"#, false),
        ]
    )
    func tolerance(_ text: String, isRead: Bool) {
        #expect(((try? decode(text)) != nil) == isRead)
    }

    @Test("an ACL under its old name is read")
    func acls() throws {
        let token = try decode(#"{"token":"a","utc_expires_at":"2026-01-31T14:00:00","acls":["x.me"],"auth_id":"7"}"#)
        #expect(token.acl == ["x.me"])
        #expect(token.accessCheck.allows("x.7") && !token.accessCheck.allows("x.8"))
    }

    @Test("the secret is in no description")
    func description() throws {
        #expect(!"\(try decode(Self.wire))".contains("e30ad9e5"))
    }

    @Test(
        "how long a token waits for its next check",
        arguments: [
            (-10, 15), (0, 15), (4, 4), (10, 10), (15, 15), (70, 60), (80, 60), (100, 75),
            (57_600, 43_200), (86_400, 43_200),
        ]
    )
    func recheck(_ remaining: Int, seconds: Int) {
        #expect(TokenRecheck.interval(remaining: .seconds(remaining)) == .seconds(seconds))
    }

    @Test(
        "times",
        arguments: [("2026-01-31T12:00:00.000001", 1_769_860_800.000001), ("1970-01-01T00:00:00.000000", 0)]
    )
    func times(_ text: String, seconds: Double) {
        #expect(WireTime.text(Date(timeIntervalSince1970: seconds)) == text)
        #expect(abs((WireTime.date(text)?.timeIntervalSince1970 ?? -1) - seconds) < 0.000_001)
    }
}
