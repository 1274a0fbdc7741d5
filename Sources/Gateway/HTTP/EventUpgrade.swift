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
    let conductorship: Conductorship

    /// The upgrader of one connection.
    func upgrader() -> NIOWebSocketServerUpgrader {
        let admission = Admission()
        return NIOWebSocketServerUpgrader(
            maxFrameSize: WebSocketConnection.maxMessageSize,
            shouldUpgrade: { channel, head in
                guard let wish = EventWish(head) else { return channel.eventLoop.makeSucceededFuture(nil) }
                switch admit(head, channel) {
                case .admitted(let token):
                    admission.token = token
                    return accept(wish, head, channel, admission)
                // The request is then answered like any other, which says why.
                case .refused: return channel.eventLoop.makeSucceededFuture(nil)
                case .unsure(let token):
                    return channel.eventLoop.makeFutureWithTask { _ = await door.ask(about: token) }.flatMap {
                        guard case .admitted(let token) = admit(head, channel) else {
                            return channel.eventLoop.makeSucceededFuture(nil)
                        }
                        admission.token = token
                        return accept(wish, head, channel, admission)
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
                    let (socket, handler) = open(channel, EventWish(head), head, over: admission.takeRelay())
                    try channel.pipeline.syncOperations.addHandlers(aggregator, handler)
                    guard let token = admission.token, let tokens = door.tokens else { return }
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
        _ wish: EventWish,
        _ head: HTTPRequestHead,
        _ channel: any NIOCore.Channel,
        _ admission: Admission
    ) -> EventLoopFuture<HTTPHeaders?> {
        guard case .applications(let wish) = wish else {
            return channel.eventLoop.makeSucceededFuture([:])
        }
        // Registered before the client is told that it is connected: a call it makes at once finds its application.
        return channel.eventLoop.makeFutureWithTask {
            await readiness.waitUntilOpen(atMost: .seconds(3))
            if let leader = await leader(of: wish, for: head) {
                // Refused here, should the leader refuse: it knows why, and says so in its log.
                guard let relay = try? await GroupRelay(head, to: leader, from: settings.name) else { return nil }
                admission.give(relay)
                // The client may have gone, or go before its socket is open.
                channel.closeFuture.whenComplete { _ in admission.abandon() }
            } else {
                await applications.register(wish)
            }
            // ARI's subprotocol is `ari`; a client that offers it wants it confirmed.
            return head.headers["Sec-WebSocket-Protocol"].contains { $0.contains("ari") }
                ? ["Sec-WebSocket-Protocol": "ari"] : [:]
        }
    }

    /// The other gateway that leads the group of a worker.
    private func leader(of wish: SocketWish, for head: HTTPRequestHead) async -> GatewayRecord? {
        // What another gateway passes on goes no further, should the two not agree.
        guard let group = wish.group, !head.headers.contains(name: PassedRequest.forwardedHeader),
            let name = await applications.leader(of: group, sharing: wish.applications)
        else { return nil }
        return conductorship.gateways.first { $0.name == name }
    }
}

/// What was found at the door about the request that opens a socket.
private final class Admission: Sendable {
    private let state = Mutex<(token: AccessToken?, relay: GroupRelay?)>((nil, nil))

    /// What opened the door: what is known of a token may be forgotten before the socket is open.
    var token: AccessToken? {
        get { state.withLock { $0.token } }
        set { state.withLock { $0.token = newValue } }
    }

    /// Takes the way to the gateway that leads the worker's group; nil when this one does.
    func takeRelay() -> GroupRelay? {
        state.withLock { state in
            defer { state.relay = nil }
            return state.relay
        }
    }

    /// Keeps the way until the worker's socket is open.
    func give(_ relay: GroupRelay) {
        abandon()
        state.withLock { $0.relay = relay }
    }

    /// No socket has come of it: the leader must not count on a worker there.
    func abandon() {
        guard let relay = takeRelay() else { return }
        // Short and bounded: the leader answers, or is found silent.
        Task { await relay.close() }
    }
}
