/// Whether a node that the registry has lost touch with lives: three failures to answer in a row say no, one answer says yes.
package struct NodeDoubt: Sendable, Hashable {
    private static let patience = 3
    private var failures = 0

    package init() {}

    /// Notes one probe.
    /// - Returns: whether the node lives; nil while it is not clear.
    package mutating func note(answers: Bool) -> Bool? {
        failures = answers ? 0 : failures + 1
        if answers { return true }
        return failures >= Self.patience ? false : nil
    }
}
