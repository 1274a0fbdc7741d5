import Foundation
import Glibc

/// Wakes a thread that waits in `poll`.
final class Wakeup: Sendable {
    /// The ends of a socket pair; -1 if the system has no more descriptors, and then waits just last their time.
    private let output: Int32
    private let input: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        _ = socketpair(AF_UNIX, Int32(type), 0, &ends)
        output = ends[0]
        input = ends[1]
    }

    deinit {
        for end in [output, input] where end >= 0 { close(end) }
    }

    /// Ends the wait that goes on, or the next.
    func signal() {
        var byte: UInt8 = 1
        // One that is full has been signalled.
        _ = write(input, &byte, 1)
    }

    /// Waits until it is signalled, `socket` has something to read, or the time is over.
    func wait(socket: Int32 = -1, milliseconds: Int32) {
        // poll ignores negative descriptors.
        var descriptors = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        poll(&descriptors, 2, milliseconds)
        guard descriptors[0].revents != 0 else { return }
        var signals = [UInt8](repeating: 0, count: 4096)
        _ = read(output, &signals, signals.count)
    }
}
