import Fleet
import Synchronization

/// Who holds an application: one socket alone, or a group of workers that share its calls.
///
/// Calls of one application are given out under its own lock, so that a busy group holds up no other application.
final class SocketHolder: Sendable {
    /// The name of the group; nil for a socket alone.
    let group: String?
    /// The socket that holds it alone.
    let alone: EventSocket?
    private let workers: Mutex<WorkerGroup<EventSocket>>

    init(_ socket: EventSocket) {
        group = socket.group
        alone = socket.group == nil ? socket : nil
        var workers = WorkerGroup<EventSocket>()
        workers.join(socket)
        self.workers = Mutex(workers)
    }

    var sockets: [EventSocket] { workers.withLock { $0.workers } }

    /// - Returns: false when it is another group's, or a socket's alone.
    func join(_ socket: EventSocket, _ name: String) -> Bool {
        guard group == name else { return false }
        workers.withLock { $0.join(socket) }
        return true
    }

    /// - Returns: the calls that others have taken over.
    func leave(_ socket: EventSocket) -> [EventSocket: Set<String>] { workers.withLock { $0.leave(socket) } }

    /// - Returns: false when a worker has it already.
    func give(_ channel: String, to socket: EventSocket) -> Bool { workers.withLock { $0.give(channel, to: socket) } }

    /// - Returns: false when a worker has it already, or none has the other.
    func give(_ channel: String, toWorkerOf other: String) -> Bool {
        workers.withLock { workers in
            workers.owner(ofChannel: other).map { workers.give(channel, to: $0) } ?? false
        }
    }

    func has(_ channel: String, _ socket: EventSocket) -> Bool {
        workers.withLock { $0.owner(ofChannel: channel) == socket }
    }

    func takeBack(_ channel: String) { workers.withLock { $0.takeBack(channel) } }

    func hearers(of subjects: CallSubjects) -> [EventSocket] { workers.withLock { $0.hearers(of: subjects) } }
}
