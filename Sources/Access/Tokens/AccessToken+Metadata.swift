import ARI

extension AccessToken {
    /// Who the owner of a token is: whatever the auth service and its plugins put there.
    package struct Metadata: Sendable, Hashable {
        /// All of it.
        package var fields: [String: JSONValue]

        package init(_ fields: [String: JSONValue] = [:]) { self.fields = fields }

        /// The user.
        package var uuid: String? { fields["uuid"]?.string }
        /// The tenant of the user; no client can choose another one for the token.
        package var tenantUUID: String? { fields["tenant_uuid"]?.string }
        /// `user`, `internal` or `external_api`.
        package var purpose: String? { fields["purpose"]?.string }
        /// Whether the owner sees what concerns other users of his tenant as well.
        package var isAdmin: Bool {
            fields["admin"]?.bool == true || purpose == "internal" || purpose == "external_api"
        }
    }
}

extension AccessToken.Metadata: Codable {
    package init(from decoder: any Decoder) throws {
        fields = try decoder.singleValueContainer().decode([String: JSONValue].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(fields)
    }
}
