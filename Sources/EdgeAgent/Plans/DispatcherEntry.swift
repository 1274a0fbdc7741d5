/// A destination as the dispatcher holds it.
struct DispatcherEntry: Sendable, Hashable {
    /// Where calls and probes go.
    var uri: String
    /// The attributes as they were given, `duid=ast1;...`.
    var attributes: String
    /// Two letters: A active, I inactive, T trying, D disabled; then P probed or X not.
    var flags: String

    /// Whether it was taken out of rotation by command. Probes neither do that nor end it.
    var isDisabled: Bool { flags.hasPrefix("D") }
    /// Whether calls go there.
    var takesCalls: Bool { flags.hasPrefix("A") || flags.hasPrefix("T") }
}
