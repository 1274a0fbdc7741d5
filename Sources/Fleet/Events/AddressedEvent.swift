import ARI

/// An event that the fleet itself says, and the application it is for.
package struct AddressedEvent: Sendable, Hashable {
    /// Whom to tell.
    package var application: String
    /// What to say, as Asterisk would have written it.
    package var event: JSONValue
}
