import Fleet
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Registry

/// Makes the sockets of accepted upgrades.
extension EventUpgrade {
    /// - Parameter relay: the way to the gateway that leads the group of the worker.
    func open(
        _ channel: any NIOCore.Channel,
        _ wish: EventWish?,
        _ head: HTTPRequestHead,
        over relay: GroupRelay?
    ) -> (EventSocket, EventSocketHandler) {
        guard case .applications(let wish) = wish else {
            let socket = EventSocket(channel: channel, backlog: settings.eventBacklog)
            hub.attach(follower: socket)
            return (socket, EventSocketHandler { hub.detach(follower: socket) })
        }
        let socket = EventSocket(wish, channel: channel, backlog: settings.eventBacklog)
        if let relay { return (socket, handler(of: socket, over: relay)) }
        for (application, former) in hub.attach(socket) { former.send(replaced(application)) }
        standing.tellAll(socket)
        // Short and bounded, as at the end.
        Task { await applications.opened(wish.applications) }
        let requests = SocketRequests(
            socket: socket,
            opener: head,
            peer: channel.remoteAddress,
            dispatcher: dispatcher
        )
        return (
            socket,
            handler(of: socket, requests.take) {
                requests.stop()
                let gone = hub.detach(socket)
                for handedOver in gone.handedOver { standing.tell(handedOver) }
                // Short and bounded: the actor only notes the time.
                Task { await applications.release(gone.orphaned) }
            }
        )
    }

    /// Passes on what a worker says to the gateway that leads its group, and back.
    private func handler(of socket: EventSocket, over relay: GroupRelay) -> EventSocketHandler {
        let (texts, said) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingOldest(SocketRequests.backlog)
        )
        // Ends with the socket, or ends it.
        Task { await relay.run(texts, for: socket) }
        return handler(of: socket) { text in
            if case .dropped = said.yield(text) { false } else { true }
        } onClose: {
            said.finish()
        }
    }

    /// - Parameter take: takes what a client says; false cuts it off.
    private func handler(
        of socket: EventSocket,
        _ take: @escaping @Sendable (ByteBuffer) -> Bool,
        onClose: @escaping @Sendable () -> Void
    ) -> EventSocketHandler {
        EventSocketHandler(
            onText: { text in
                guard text.readableBytes <= SocketRequests.maxMessageSize else {
                    return socket.close(
                        .messageTooLarge,
                        "a request has at most \(SocketRequests.maxMessageSize) bytes"
                    )
                }
                if !take(text) { socket.close(.policyViolation, "too many requests are waiting") }
            },
            onClose: onClose
        )
    }

    private var standing: StandingDesk { StandingDesk(directory: directory, hub: hub) }

    private func replaced(_ application: String) -> ByteBuffer {
        let id = directory.read { $0.anyAlive()?.id } ?? ""
        return EventText.applicationReplaced(application, entityID: id)
    }
}
