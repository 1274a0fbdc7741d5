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
    let registry: any Registry
    /// How long a node that has just joined may refuse: its applications may not be registered yet.
    var patience = Duration.seconds(15)
    let logger: Logger

    private struct Remembered: Codable, Sendable {
        var method: String
        /// Path and query below `/ari`.
        var target: String
        var contentType: String?
        var body: String?
    }

    /// Notes what becomes of the memory of a request that the nodes have carried out. Where the registry cannot be written, only the nodes
    /// of now have done it, which is logged.
    func note(_ memory: EverywhereRequest.Memory, _ request: GatewayRequest, target: String) async {
        do {
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
                try await registry.set(
                    Array(try JSONEncoder().encode(remembered)),
                    for: RegistryKey.lastingRequest(name)
                )
            }
        } catch {
            logger.error(
                "not noted for nodes that join later",
                metadata: ["request": "\(request.id)", "error": "\(error)"]
            )
        }
    }

    /// Has a node that has joined do what the others have done.
    func replay(on node: NodeRecord) async {
        guard let entries = try? await registry.entries(under: RegistryKey.lastingRequests) else { return }
        let deadline = ContinuousClock.now + patience
        for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
            guard let remembered = try? JSONDecoder().decode(Remembered.self, from: Data(entry.value)) else { continue }
            if await send(remembered, to: node, until: deadline) { continue }
            logger.warning(
                "the node does not do what the others did",
                metadata: ["node": "\(node.name)", "request": "\(key)"]
            )
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
