import Foundation
import Synchronization

/// Standard error, written whole lines at a time: threads take turns, so that lines never mix.
enum StandardError {
    private static let turn = Mutex(())

    static func write(_ line: String) { write(line, to: STDERR_FILENO) }

    static func write(_ line: String, to descriptor: Int32) {
        var line = line
        turn.withLock { _ in
            line.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                    if written < 0, errno == EINTR { continue }
                    // Nobody reads standard error: there is nowhere to complain.
                    guard written > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
                }
            }
        }
    }
}
