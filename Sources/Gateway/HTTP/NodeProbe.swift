import ARI
import Fleet
import NIOCore
import NIOHTTP1
import Registry

/// Asks every node once who holds a thing that no event has told of.
struct NodeProbe: Sendable {
    private let path: [String]

    init(channel id: String) { path = ["channels", id] }
    init(playback id: String) { path = ["playbacks", id] }
    init(storedRecording name: String) { path = ["recordings", "stored", name] }
    init(recording name: String) { path = ["recordings", "live", name] }

    /// The node that answers 200; nil if none does.
    func find(_ directory: FleetDirectory) async -> NodeRecord? {
        let nodes = directory.read { state in state.alive.compactMap { state.nodes[$0] } }
        return await withTaskGroup(of: NodeRecord?.self) { group in
            for node in nodes {
                group.addTask { [path] in
                    let answer = try? await ARIClient(node: node, timeout: .seconds(2)).send(.GET, path)
                    return answer?.status == 200 ? node : nil
                }
            }
            for await case let node? in group {
                group.cancelAll()
                return node
            }
            return nil
        }
    }
}

extension NodeRecord {
    /// Sends a client's request on to this node as it is and returns the answer, whatever it is.
    /// - Parameter keepsHost: whether the node is told by which name the client called: it writes that into descriptions.
    func pass(
        _ request: GatewayRequest,
        target: String,
        keepsHost: Bool = false,
        timeout: TimeAmount = .seconds(10)
    ) async -> GatewayAnswer {
        do {
            var headers: HTTPHeaders = [:]
            for value in request.head.headers["Content-Type"] { headers.add(name: "Content-Type", value: value) }
            if keepsHost, let host = request.head.headers.first(name: "Host") { headers.add(name: "Host", value: host) }
            let answer = try await ARIClient(node: self, timeout: timeout).forward(
                request.head.method,
                target: String(target.dropFirst(RequestDispatcher.prefix.count)),
                headers: headers,
                body: request.body
            )
            return GatewayAnswer(answer, from: name)
        } catch {
            return GatewayAnswer(error)
        }
    }
}
