/// How the fleet calls itself where one Asterisk would give its entity id.
package enum FleetIdentity {
    /// Nodes are `02:61:73:74` ("ast") and their number; the fleet is number zero.
    package static let id = "02:61:73:74:00:00"
    /// In place of Asterisk's `systemname`.
    package static let name = "asterism"
}
