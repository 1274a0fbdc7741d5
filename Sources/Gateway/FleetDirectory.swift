import ARI
import Fleet
import NIOCore
import Registry
import Synchronization

/// The gateway's knowledge of the fleet, read from every event loop: a ``FleetState`` behind a lock that is held for lookups only.
final class FleetDirectory: Sendable {
    private let state = Mutex(FleetState())

    func read<Value: Sendable>(_ body: (borrowing FleetState) -> Value) -> Value { state.withLock { body($0) } }

    func change<Value: Sendable>(_ body: (inout FleetState) -> Value) -> Value { state.withLock { body(&$0) } }

    /// A client of one node's ARI.
    func client(of node: String, timeout: TimeAmount = .seconds(10)) -> ARIClient? {
        read { $0.nodes[node] }.map { ARIClient(node: $0, timeout: timeout) }
    }
}

extension ARIClient {
    init(node: NodeRecord, timeout: TimeAmount = .seconds(10)) {
        self.init(
            baseURL: "http://\(node.ari)/ari",
            user: node.ariCredentials.user,
            password: node.ariCredentials.password,
            timeout: timeout
        )
    }
}
