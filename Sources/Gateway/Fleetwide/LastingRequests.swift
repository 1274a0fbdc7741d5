import ARI
import Fleet
import Foundation
import Logging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry

/// Remembers, for nodes that join later, what every node was asked to do: global variables, device states, subscriptions, and the like.
struct LastingRequests: Sendable {
    /// How long a node that has just joined may refuse: its applications may not be registered yet.
    private static let patience = Duration.seconds(3)

    let registry: any Registry
    let directory: FleetDirectory
    let logger: Logger

    private struct Remembered: Codable, Sendable {
        var method: String
        /// Path and query below `/ari`.
        var target: String
        var contentType: String?
        var body: String?
    }

    /// Notes what becomes of the memory of a request, before the nodes are asked.
    /// - Throws: ``RegistryError/unavailable(_:)``; nothing is done then, for a node that joins later would not do it.
    func note(_ memory: EverywhereRequest.Memory, _ request: GatewayRequest, target: String) async throws(RegistryError)
    {
        switch memory {
        case .none: return
        case .forget(let name): try await registry.remove(RegistryKey.lastingRequest(name))
        case .remember(let name):
            let remembered = Remembered(
                method: request.head.method.rawValue,
                target: String(target.dropFirst(RequestDispatcher.prefix.count)),
                contentType: request.head.headers.first(name: "Content-Type"),
                body: request.body.readableBytes > 0 ? String(buffer: request.body) : nil
            )
            guard let value = try? JSONEncoder().encode(remembered) else { return }
            try await registry.set(Array(value), for: RegistryKey.lastingRequest(name))
        }
    }

    /// Takes back what was noted of a request that every node refused.
    func forget(_ name: String) async { try? await registry.remove(RegistryKey.lastingRequest(name)) }

    /// Has a node that has joined do what the others have done.
    func replay(on node: NodeRecord) async {
        guard let entries = try? await registry.entries(under: RegistryKey.lastingRequests) else { return }
        let deadline = ContinuousClock.now + Self.patience
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
            guard let remembered = try? JSONDecoder().decode(Remembered.self, from: Data(entry.value)) else { continue }
            guard await send(remembered, to: node, until: deadline) else {
                logger.warning(
                    "the node does not do what the others did",
                    metadata: ["node": "\(node.name)", "request": "\(key)"]
                )
                continue
            }
        }
    }

    private func send(_ remembered: Remembered, to node: NodeRecord, until deadline: ContinuousClock.Instant) async
        -> Bool
    {
        let client = ARIClient(node: node, timeout: .seconds(3))
        while true {
            let answer = try? await client.forward(
                HTTPMethod(rawValue: remembered.method),
                target: remembered.target,
                headers: remembered.contentType.map { ["Content-Type": $0] } ?? [:],
                body: remembered.body.map { ByteBuffer(string: $0) } ?? ByteBuffer()
            )
            if let answer, answer.status < 300 { return true }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
