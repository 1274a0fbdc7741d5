/// What the ACL of a token lets it do: the language of xivo-lib-python's `auth_verifier.AccessCheck`.
///
/// An access that starts with `!` refuses what it matches, whatever the others grant; the order does not matter.
package struct AccessCheck: Sendable, Hashable {
    /// Longer than any scope of an API; what is longer is refused unread.
    private static let longestScope = 2048

    private let granted: [AccessPattern]
    private let refused: [AccessPattern]

    /// - Parameters:
    ///   - authID: the token's user, for the word `me`; nil leaves the word to stand for itself.
    ///   - sessionID: the token's session, for `my_session`.
    ///   - acl: as the token has it.
    package init(authID: String?, sessionID: String?, acl: [String]) {
        // Granted `edit` covers a required `update`, and not the other way round.
        var reserved: [Substring: String] = ["edit": "update"]
        reserved["me"] = authID
        reserved["my_session"] = sessionID
        granted = acl.filter { !$0.hasPrefix("!") }.map { AccessPattern($0[...], reserved: reserved) }
        refused = acl.filter { $0.hasPrefix("!") }.map { AccessPattern($0.dropFirst(), reserved: reserved) }
    }

    /// - Parameter required: such as `auth.users.read`; wildcards in it are characters like any other. nil requires nothing.
    package func allows(_ required: String?) -> Bool {
        guard let required else { return true }
        guard required.utf8.count <= Self.longestScope else { return false }
        let text = Array(required.utf8)
        return !refused.contains { $0.matches(text) } && granted.contains { $0.matches(text) }
    }
}

extension AccessCheck {
    /// Whether who has this ACL may put an access into a policy: only what he has himself, or what takes away.
    package func mayGrant(_ access: String) -> Bool { access.hasPrefix("!") || allows(access) }

    /// Whether who has this ACL may take an access out of a policy.
    package func mayWithdraw(_ access: String) -> Bool {
        allows(access.hasPrefix("!") ? String(access.dropFirst()) : access)
    }
}
