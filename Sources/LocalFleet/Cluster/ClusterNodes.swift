import Engines

/// Nodes as processes of their own.
struct ClusterNodes: NodeLauncher {
    let roles: RoleProcesses

    func name(of number: Int) -> String { "ast\(number)" }

    func run(_ number: Int) async throws { try await roles.node(number).supervise() }
}
