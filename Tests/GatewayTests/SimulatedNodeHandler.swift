import ARI
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Synchronization

/// One connection to one simulated node.
final class SimulatedNodeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let node: String
    private let fleet: SimulatedFleet
    private var head: HTTPRequestHead?

    init(node: String, fleet: SimulatedFleet) {
        self.node = node
        self.fleet = fleet
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            if fleet.node(node).isSilent { fleet.wait(on: node) }
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard !fleet.node(node).isSilent else {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(5)) { bound.value.0.answer(head, bound.value.1) }
            return
        }
        guard let url = URLComponents(string: head.uri) else { return }
        let path = url.path.split(separator: "/").dropFirst().map(String.init)
        var query: [String: String] = [:]
        for item in url.queryItems ?? [] { query[item.name] = item.value }
        let (status, body) = fleet.answer(node, head.method.rawValue, path, query)
        // `PJSIP/leg-x@node-ast1`: as soon as the near end is dialled the call is at the home.
        if path == ["channels", "create"], let endpoint = query["endpoint"] {
            Self.dialled.withLock { $0[query["channelId"] ?? ""] = endpoint }
        }
        if path.last == "dial", let endpoint = Self.dialled.withLock({ $0[path[1]] }),
            let at = endpoint.range(of: "@node-")
        {
            let leg = endpoint[..<at.lowerBound].dropFirst("PJSIP/".count)
            fleet.arrive(leg: String(leg), at: String(endpoint[at.upperBound...]))
        }
        var response = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
        let bytes = status == 204 ? Data() : (try? JSONEncoder().encode(body)) ?? Data()
        let manner = fleet.node(node).manner
        if status != 204, manner != .chunked {
            response.headers.add(name: "Content-Length", value: "\(bytes.count)")
        }
        if manner == .closing { response.headers.add(name: "Connection", value: "close") }
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if manner == .closing { context.close(promise: nil) }
    }

    private static let dialled = Mutex<[String: String]>([:])
}
