import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOWebSocket
import Synchronization

/// Who hears what: the sockets that hold each application, and the operators who follow everything.
final class EventHub: Sendable {
    private struct State {
        var holders: [String: SocketHolder] = [:]
        var followers: [ObjectIdentifier: EventSocket] = [:]
        /// The gateways that lead groups of workers, by application.
        var leaders: [String: String] = [:]
        /// All that are open, also those that have lost every application.
        var open: [ObjectIdentifier: EventSocket] = [:]
    }

    private let state = Mutex(State())
    private let filters: EventFilters

    init(filters: EventFilters) { self.filters = filters }

    /// Every open socket.
    var sockets: [EventSocket] { state.withLock { Array($0.open.values) } }

    /// Gives a socket its applications. As on one Asterisk the last socket wins, unless it joins the group that holds them.
    /// - Returns: the sockets that lost an application, to be told `ApplicationReplaced`.
    func attach(_ socket: EventSocket) -> [(application: String, socket: EventSocket)] {
        state.withLock { state in
            state.open[ObjectIdentifier(socket)] = socket
            var losers: [(application: String, socket: EventSocket)] = []
            for application in socket.applications {
                let former = state.holders[application]
                if let group = socket.group, former?.join(socket, group) == true { continue }
                state.holders[application] = SocketHolder(socket)
                losers += (former?.sockets ?? []).map { (application, $0) }
            }
            return losers
        }
    }

    /// Takes a closed socket out.
    /// - Returns: the applications that nobody holds now, and the calls that other workers of its group have taken over.
    func detach(_ socket: EventSocket) -> (orphaned: [String], handedOver: [HandedOver]) {
        state.withLock { state in
            state.open[ObjectIdentifier(socket)] = nil
            var orphaned: [String] = []
            var handedOver: [HandedOver] = []
            for application in socket.applications {
                guard let holder = state.holders[application], holder.sockets.contains(socket) else { continue }
                for (worker, channels) in holder.leave(socket) {
                    handedOver.append(HandedOver(application: application, channels: channels, worker: worker))
                }
                guard holder.sockets.isEmpty else { continue }
                state.holders[application] = nil
                orphaned.append(application)
            }
            return (orphaned, handedOver)
        }
    }

    /// Takes an application from its sockets, for one on another gateway.
    func takeAway(_ application: String) -> [EventSocket] {
        state.withLock { $0.holders.removeValue(forKey: application)?.sockets ?? [] }
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

    func isHeld(_ application: String) -> Bool { state.withLock { $0.holders[application] != nil } }
    var hasFollowers: Bool { state.withLock { !$0.followers.isEmpty } }

    /// The group of workers that holds an application; nil when one socket holds it alone, or none.
    func group(of application: String) -> String? { state.withLock { $0.holders[application]?.group } }

    /// Takes in which gateways lead groups of workers, by application.
    func note(leaders: [String: String]) { state.withLock { $0.leaders = leaders } }

    /// The gateway that gives out the calls of an application to a group; nil when no group has it.
    func leader(of application: String) -> String? { state.withLock { $0.leaders[application] } }

    /// A worker takes a call of its group.
    /// - Returns: false when a worker has it already, or the socket does not hold the application.
    func give(_ channel: String, of application: String, to socket: EventSocket) -> Bool {
        state.withLock { $0.holders[application]?.give(channel, to: socket) ?? false }
    }

    /// A call is for the worker who has another call.
    /// - Returns: false when a worker has it already, or none has the other.
    func give(_ channel: String, of application: String, toWorkerOf other: String) -> Bool {
        state.withLock { $0.holders[application]?.give(channel, toWorkerOf: other) ?? false }
    }

    /// Whether a worker has a call.
    func has(_ channel: String, of application: String, _ socket: EventSocket) -> Bool {
        state.withLock { $0.holders[application]?.has(channel, socket) ?? false }
    }

    /// A call that was to be did not come about.
    func takeBack(_ channel: String, of application: String) {
        state.withLock { $0.holders[application]?.takeBack(channel) }
    }

    /// Sends an event to who holds an application: to its socket, or to the workers whose calls it is about. Nobody holding it, it is
    /// dropped, as on one Asterisk.
    /// - Parameter event: what it says, where that is known already.
    func deliver(_ text: ByteBuffer, type: String, to application: String, about event: Event? = nil) {
        guard let holder = state.withLock({ $0.holders[application] }), filters.admits(type, to: application) else {
            return
        }
        if let socket = holder.alone { return socket.send(text) }
        guard let event = event ?? (try? JSONDecoder().decode(Event.self, from: text)) else { return }
        for worker in holder.hearers(of: CallSubjects(event)) { worker.send(text) }
    }

    /// Tells one socket how things stand, if the application wants to hear of such.
    func tell(_ text: ByteBuffer, type: String, of application: String, to socket: EventSocket) {
        if filters.admits(type, to: application) { socket.send(text, isBounded: false) }
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

/// Calls of a worker that is gone, and who has them now.
struct HandedOver: Sendable {
    var application: String
    var channels: Set<String>
    var worker: EventSocket
}
