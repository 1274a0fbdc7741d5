import Access

extension AccessToken {
    static func sample(tenant: String) -> AccessToken {
        AccessToken(token: "known", metadata: .init(tenantUUID: tenant))
    }
}
