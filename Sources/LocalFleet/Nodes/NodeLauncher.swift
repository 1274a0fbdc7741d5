/// Runs nodes of a fleet on this machine, by their numbers.
protocol NodeLauncher: Sendable {
    /// What a node is called, in the registry too.
    func name(of number: Int) -> String
    /// Runs a node until the task is cancelled; then it has left the registry and its Asterisk has ended.
    /// - Throws: what it could not start for.
    func run(_ number: Int) async throws
}
