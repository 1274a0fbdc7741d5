import ARI
import Fleet
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Registry

/// Turns `GET /ari/events` and `GET /fleet/events` into event sockets.
struct EventUpgrade: Sendable {
    let settings: GatewaySettings
    let hub: EventHub
    let directory: FleetDirectory
    let applications: Applications
    let readiness: GatewayReadiness
    let ariUsers: Authenticator
    let operators: Authenticator

    /// What the path and query of an upgrade ask for.
    private enum Wish {
        case applications([String])
        case everything
    }

    var upgrader: NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            maxFrameSize: WebSocketConnection.maxMessageSize,
            shouldUpgrade: { channel, head in
                switch wish(head) {
                case .everything?: return channel.eventLoop.makeSucceededFuture([:])
                case .applications(let names)?:
                    // Registered before the client is told that it is connected: a call it makes at once finds its application.
                    return channel.eventLoop.makeFutureWithTask {
                        await readiness.waitUntilOpen(atMost: .seconds(3))
                        await applications.register(names)
                        // ARI's subprotocol is `ari`; a client that offers it wants it confirmed.
                        return head.headers["Sec-WebSocket-Protocol"].contains { $0.contains("ari") }
                            ? ["Sec-WebSocket-Protocol": "ari"] : [:]
                    }
                case nil: return channel.eventLoop.makeSucceededFuture(nil)
                }
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let aggregator = NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 1,
                        maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: WebSocketConnection.maxMessageSize
                    )
                    try channel.pipeline.syncOperations.addHandlers(aggregator, open(channel, wish(head)))
                }
            }
        )
    }

    private func wish(_ head: HTTPRequestHead) -> Wish? {
        if let ari = ARIRequest(method: head.method.rawValue, target: head.uri, prefix: RequestDispatcher.prefix),
            RequestRoute(ari) == .events
        {
            let names = (ari.query["app"] ?? "").split(separator: ",").map(String.init)
            guard ariUsers.admits(head.headers, apiKey: ari.query["api_key"]), !names.isEmpty,
                names.allSatisfy(Names.isApplication), !names.contains(NodeMirror.observer)
            else { return nil }
            return .applications(names)
        }
        if head.uri == "/fleet/events", operators.admits(head.headers, apiKey: nil) { return .everything }
        return nil
    }

    private func open(_ channel: any NIOCore.Channel, _ wish: Wish?) -> EventSocketHandler {
        guard case .applications(let names) = wish else {
            let socket = EventSocket(applications: [], channel: channel, backlog: settings.eventBacklog)
            hub.attach(follower: socket)
            return EventSocketHandler { hub.detach(follower: socket) }
        }
        let socket = EventSocket(applications: names, channel: channel, backlog: settings.eventBacklog)
        for (application, former) in hub.attach(socket) { former.send(replaced(application)) }
        // Short and bounded, as at the end.
        Task { await applications.opened(names) }
        return EventSocketHandler {
            let orphaned = hub.detach(socket)
            // Short and bounded: the actor only notes the time.
            Task { await applications.release(orphaned) }
        }
    }

    private func replaced(_ application: String) -> ByteBuffer {
        let id = directory.read { $0.anyAlive()?.id } ?? ""
        return EventText.applicationReplaced(application, entityID: id)
    }
}
