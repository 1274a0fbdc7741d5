import Registry

@testable import EdgeAgent

/// A node as the registry knows it.
func node(
    _ index: Int,
    _ health: NodeRecord.Health = .passing,
    draining: Bool = false,
    weight: Int = 1,
    port: Int? = nil
) -> NodeRecord {
    NodeRecord(
        name: "ast\(index)",
        id: "id-\(index)",
        nickname: "nick\(index)",
        sip: HostPort(host: "127.0.0.1", port: port ?? 5070 + index),
        ari: HostPort(host: "127.0.0.1", port: 8100 + index),
        ariCredentials: Credentials(user: "ari", password: "secret"),
        incarnation: "1",
        health: health,
        isDraining: draining,
        weight: weight
    )
}

/// What the dispatcher shows of a destination that was added for `node`.
func held(_ node: NodeRecord, flags: String = "AP") -> DispatcherEntry {
    DispatcherEntry(
        uri: "sip:available@\(node.sip)",
        attributes: "duid=\(node.name);rweight=\(node.weight)",
        flags: flags
    )
}
