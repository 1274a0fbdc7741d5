import ARI
import Access
import Foundation

extension AccessToken {
    /// One that is good for an hour.
    static func sample(tenant: String) -> AccessToken {
        AccessToken(
            token: "known",
            authID: "ada",
            issued: Date(),
            expiry: Date(timeIntervalSinceNow: 3600),
            acl: ["applicationd.#"],
            metadata: Metadata(["uuid": .string("ada"), "tenant_uuid": .string(tenant), "purpose": .string("user")]),
            sessionUUID: "session"
        )
    }
}
