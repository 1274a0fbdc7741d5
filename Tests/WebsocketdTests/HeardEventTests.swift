import Access
import EventBus
import NIOCore
import Testing
import Websocketd

@Suite("Events that are heard")
struct HeardEventTests {
    @Test(
        "an event that does not say who may have it, or what it is, is for nobody",
        arguments: [
            (ServiceEvent.sample(headers: [:]), HeardEvent.Problem.noACL),
            (.sample(headers: ["required_acl": .flag(true)]), .invalidACL),
            (.sample(body: "no json"), .notJSON),
            (.sample(body: "[]"), .notJSON),
            (.sample(nil, body: #"{"data":{}}"#), .noName),
        ]
    )
    func dropped(event: ServiceEvent, problem: HeardEvent.Problem) {
        #expect(throws: problem) { try HeardEvent(event) }
    }

    @Test("the name is in the headers, else in the body")
    func name() throws {
        #expect(try HeardEvent(.sample("header")).name == "header")
        #expect(try HeardEvent(.sample(nil)).name == "call_created")
    }

    @Test("version 1 gets the body byte for byte, version 2 in a frame of its own")
    func text() throws {
        let body = #"{"name":  "x", "data":{"ü":1}}"#
        let event = try HeardEvent(.sample(body: body))
        #expect(String(buffer: event.text(.one)) == body)
        #expect(String(buffer: event.text(.two)) == #"{"op": "event", "code": 0, "data": \#(body)}"#)
    }

    @Test(
        "tenants and users see their own events, admins those of their tenant, the master tenant all",
        arguments: [
            (["tenant_uuid": .text("t1")], "ada", "t1", false, true),
            (["tenant_uuid": .text("t2")], "ada", "t1", true, false),
            (["tenant_uuid": .text("t2")], "ada", "master", false, true),
            (["tenant_uuid": .text("t1"), "user_uuid:*": .flag(true)], "ada", "t1", false, true),
            (["tenant_uuid": .text("t1"), "user_uuid:ada": .flag(true)], "ada", "t1", false, true),
            (["tenant_uuid": .text("t1"), "user_uuid:bob": .flag(true)], "ada", "t1", false, false),
            (["tenant_uuid": .text("t1"), "user_uuid:bob": .flag(true)], "ada", "t1", true, true),
            (["tenant_uuid": .text("t1"), "user_uuid:ada": .flag(false)], "ada", "t1", false, true),
            ([:], "ada", "t1", false, true),
        ] as [([String: ServiceEvent.Header], String, String, Bool, Bool)]
    )
    func audience(headers: [String: ServiceEvent.Header], user: String, tenant: String, admin: Bool, isIncluded: Bool) {
        let owner = AccessToken.sample(user: user, tenant: tenant, admin: admin).metadata
        #expect(Audience(headers).includes(owner, masterTenant: "master") == isIncluded)
    }
}
