import ARI
import Access
import Fleet
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Registry
import Synchronization

/// Turns `GET /ari/events` and `GET /fleet/events` into event sockets.
struct EventUpgrade: Sendable {
    let settings: GatewaySettings
    let hub: EventHub
    let directory: FleetDirectory
    let applications: Applications
    let readiness: GatewayReadiness
    let door: Doorkeeper
    /// Answers requests that come over sockets.
    let dispatcher: RequestDispatcher

    /// What the path and query of an upgrade ask for.
    private enum Wish: Sendable {
        case applications([String], hearAll: Bool, standing: Standing)
        case everything
    }

    /// The upgrader of one connection.
    func upgrader() -> NIOWebSocketServerUpgrader {
        // What opened the door: what is known of a token may be forgotten before the socket is open.
        let opener = Mutex<AccessToken?>(nil)
        return NIOWebSocketServerUpgrader(
            maxFrameSize: WebSocketConnection.maxMessageSize,
            shouldUpgrade: { channel, head in
                guard let wish = wish(head) else { return channel.eventLoop.makeSucceededFuture(nil) }
                switch admit(head, channel) {
                case .admitted(let token):
                    opener.withLock { $0 = token }
                    return accept(wish, head, channel)
                // The request is then answered like any other, which says why.
                case .refused: return channel.eventLoop.makeSucceededFuture(nil)
                case .unsure(let token):
                    return channel.eventLoop.makeFutureWithTask { _ = await door.ask(about: token) }.flatMap {
                        guard case .admitted(let token) = admit(head, channel) else {
                            return channel.eventLoop.makeSucceededFuture(nil)
                        }
                        opener.withLock { $0 = token }
                        return accept(wish, head, channel)
                    }
                }
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let aggregator = NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 1,
                        maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: WebSocketConnection.maxMessageSize
                    )
                    let (socket, handler) = open(channel, wish(head), head)
                    try channel.pipeline.syncOperations.addHandlers(aggregator, handler)
                    guard let token = opener.withLock(\.self), let tokens = door.tokens else { return }
                    let scopes = RequiredAccess.of(method: head.method.rawValue, target: head.uri)
                    try channel.pipeline.syncOperations.addHandler(
                        TokenWatch(token, scopes: scopes, tokens: tokens, longest: door.tokenRecheck) {
                            socket.close(.policyViolation, "the token has expired or was revoked")
                        }
                    )
                }
            }
        )
    }

    private func admit(_ head: HTTPRequestHead, _ channel: any NIOCore.Channel) -> Doorkeeper.Verdict {
        let ari = ARIRequest(method: head.method.rawValue, target: head.uri, prefix: RequestDispatcher.prefix)
        return door.admit(
            head,
            from: channel.remoteAddress,
            to: ari == nil ? .fleet : .ari,
            apiKey: ari?.query["api_key"],
            counts: false
        )
    }

    private func accept(
        _ wish: Wish,
        _ head: HTTPRequestHead,
        _ channel: any NIOCore.Channel
    ) -> EventLoopFuture<HTTPHeaders?> {
        guard case .applications(let names, let hearAll, _) = wish else {
            return channel.eventLoop.makeSucceededFuture([:])
        }
        // Registered before the client is told that it is connected: a call it makes at once finds its application.
        return channel.eventLoop.makeFutureWithTask {
            await readiness.waitUntilOpen(atMost: .seconds(3))
            await applications.register(names, hearAll: hearAll)
            // ARI's subprotocol is `ari`; a client that offers it wants it confirmed.
            return head.headers["Sec-WebSocket-Protocol"].contains { $0.contains("ari") }
                ? ["Sec-WebSocket-Protocol": "ari"] : [:]
        }
    }

    private func wish(_ head: HTTPRequestHead) -> Wish? {
        if let ari = ARIRequest(method: head.method.rawValue, target: head.uri, prefix: RequestDispatcher.prefix),
            RequestRoute(ari) == .events
        {
            let names = (ari.query["app"] ?? "").split(separator: ",").map(String.init)
            guard !names.isEmpty, names.allSatisfy(Names.isApplication), !names.contains(NodeMirror.observer) else {
                return nil
            }
            let standing = ari.query["resume"].map { Standing(rawValue: $0) } ?? .userEvent
            guard let standing else { return nil }
            return .applications(names, hearAll: Self.isTrue(ari.query["subscribeAll"]), standing: standing)
        }
        return head.uri == "/fleet/events" ? .everything : nil
    }

    /// As Asterisk reads booleans (`ast_true`).
    private static func isTrue(_ text: String?) -> Bool {
        ["yes", "true", "y", "t", "1", "on"].contains(text?.lowercased() ?? "")
    }

    private func open(
        _ channel: any NIOCore.Channel,
        _ wish: Wish?,
        _ head: HTTPRequestHead
    ) -> (EventSocket, EventSocketHandler) {
        guard case .applications(let names, _, let standing) = wish else {
            let socket = EventSocket(applications: [], channel: channel, backlog: settings.eventBacklog)
            hub.attach(follower: socket)
            return (socket, EventSocketHandler { hub.detach(follower: socket) })
        }
        let socket = EventSocket(applications: names, channel: channel, backlog: settings.eventBacklog)
        for (application, former) in hub.attach(socket) { former.send(replaced(application)) }
        tell(names, standing)
        // Short and bounded, as at the end.
        Task { await applications.opened(names) }
        let requests = SocketRequests(
            application: names[0],
            opener: head,
            peer: channel.remoteAddress,
            dispatcher: dispatcher
        ) { socket.send($0) }
        let handler = EventSocketHandler { text in
            guard text.readableBytes <= SocketRequests.maxMessageSize else {
                return socket.close(.messageTooLarge, "a request has at most \(SocketRequests.maxMessageSize) bytes")
            }
            if !requests.take(text) { socket.close(.policyViolation, "too many requests are waiting") }
        } onClose: {
            requests.stop()
            let orphaned = hub.detach(socket)
            // Short and bounded: the actor only notes the time.
            Task { await applications.release(orphaned) }
        }
        return (socket, handler)
    }

    private func tell(_ applications: [String], _ standing: Standing) {
        let events = directory.read { state in
            standing.events(
                of: applications,
                in: state,
                timestamp: EventText.timestamp(),
                encode: EventText.json
            )
        }
        for each in events {
            hub.deliver(EventText.encode(each.event), type: standing.rawValue, to: each.application)
        }
    }

    private func replaced(_ application: String) -> ByteBuffer {
        let id = directory.read { $0.anyAlive()?.id } ?? ""
        return EventText.applicationReplaced(application, entityID: id)
    }
}
