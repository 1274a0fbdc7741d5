import ARI
import Access
import EventBus
import Foundation
import NIOCore

extension AccessToken {
    /// One that is good for a hundred seconds.
    static func sample(
        _ id: String = "good",
        acl: [String] = ["websocketd", "events.#"],
        user: String = "ada",
        tenant: String = "t1",
        admin: Bool = false,
        lives seconds: Double = 100,
        at now: Date = Date()
    ) -> AccessToken {
        AccessToken(
            token: id,
            authID: user,
            issued: now,
            expiry: now.addingTimeInterval(seconds),
            acl: acl,
            metadata: Metadata(["uuid": .string(user), "tenant_uuid": .string(tenant), "admin": .bool(admin)])
        )
    }
}

extension ServiceEvent {
    static func sample(
        _ name: String? = "call_created",
        headers: [String: Header] = ["required_acl": .text("events.calls.created")],
        body: String = #"{"name":"call_created","data":{}}"#
    ) -> ServiceEvent {
        var headers = headers
        if let name { headers["name"] = .text(name) }
        return ServiceEvent(
            routingKey: "applications.a.calls.created",
            headers: headers,
            body: ByteBuffer(string: body)
        )
    }
}
