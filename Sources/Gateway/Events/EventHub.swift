import NIOCore
import NIOWebSocket
import Synchronization

/// Who hears what: the socket that holds each application, and the operators who follow everything.
final class EventHub: Sendable {
    private struct State {
        var owners: [String: EventSocket] = [:]
        var followers: [ObjectIdentifier: EventSocket] = [:]
        /// All that are open, also those that have lost every application.
        var open: [ObjectIdentifier: EventSocket] = [:]
    }

    private let state = Mutex(State())
    private let filters: EventFilters

    init(filters: EventFilters) { self.filters = filters }

    /// Every open socket.
    var sockets: [EventSocket] { state.withLock { Array($0.open.values) } }

    /// Gives a socket its applications. As on one Asterisk the last socket wins.
    /// - Returns: the sockets that lost an application, to be told `ApplicationReplaced`.
    func attach(_ socket: EventSocket) -> [(application: String, socket: EventSocket)] {
        state.withLock { state in
            state.open[ObjectIdentifier(socket)] = socket
            return socket.applications.compactMap { application in
                let former = state.owners.updateValue(socket, forKey: application)
                return former.map { (application, $0) }
            }
        }
    }

    /// Takes a closed socket out.
    /// - Returns: the applications that nobody holds now.
    func detach(_ socket: EventSocket) -> [String] {
        state.withLock { state in
            state.open[ObjectIdentifier(socket)] = nil
            let held = socket.applications.filter { state.owners[$0] === socket }
            for application in held { state.owners[application] = nil }
            return held
        }
    }

    /// Takes an application from its socket, for one on another gateway.
    func takeAway(_ application: String) -> EventSocket? {
        state.withLock { $0.owners.removeValue(forKey: application) }
    }

    func attach(follower socket: EventSocket) {
        state.withLock { state in
            state.open[ObjectIdentifier(socket)] = socket
            state.followers[ObjectIdentifier(socket)] = socket
        }
    }

    func detach(follower socket: EventSocket) {
        state.withLock { state in
            state.open[ObjectIdentifier(socket)] = nil
            state.followers[ObjectIdentifier(socket)] = nil
        }
    }

    func isHeld(_ application: String) -> Bool { state.withLock { $0.owners[application] != nil } }
    var hasFollowers: Bool { state.withLock { !$0.followers.isEmpty } }

    /// Sends an event to the holder of an application; nobody holding it, it is dropped, as on one Asterisk.
    func deliver(_ text: ByteBuffer, type: String, to application: String) {
        guard let owner = state.withLock({ $0.owners[application] }), filters.admits(type, to: application) else {
            return
        }
        owner.send(text)
    }

    /// Sends an event to every operator who follows.
    func deliverToFollowers(_ text: ByteBuffer) {
        for follower in state.withLock({ Array($0.followers.values) }) { follower.send(text) }
    }

    /// Closes every socket, for shutdown.
    func closeAll() {
        for socket in sockets { socket.close(.goingAway, "the gateway is stopping") }
    }
}
