import EventBus
import NIOCore

/// What can wait in a ``PublishBuffer``.
package protocol Bulky: Sendable {
    /// Its size in bytes, nearly.
    var size: Int { get }
}

extension BusEvent: Bulky {
    package var size: Int { body.readableBytes }
}

extension ServiceEvent: Bulky {
    package var size: Int { body.readableBytes }
}

/// Events on their way to the broker, oldest first: sent and not confirmed, then not yet sent. Bounded by count and bytes.
package struct PublishBuffer<Event: Bulky> {
    private struct Entry {
        var event: Event
        var isConfirmed = false
    }

    private var entries = CircularBuffer<Entry>()
    private var sent = 0
    /// The delivery tag of the oldest entry, if that was sent; tags count from 1 on each connection.
    private var firstTag: UInt64 = 1
    private var bytes = 0
    private let maximumCount: Int
    private let maximumBytes: Int

    package init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = max(1, maximumCount)
        self.maximumBytes = max(1, maximumBytes)
    }

    /// Events that are kept.
    package var count: Int { entries.count }
    /// Events that were sent and not confirmed.
    package var unconfirmed: Int { sent }

    /// Whether an event fits without another being dropped.
    package func hasRoom(for event: Event) -> Bool {
        entries.count < maximumCount && (entries.isEmpty || bytes + event.size <= maximumBytes)
    }

    /// Appends an event.
    /// - Returns: how many of the oldest were dropped to make room.
    package mutating func append(_ event: Event) -> Int {
        var dropped = 0
        while !hasRoom(for: event), entries.count > sent {
            // What was sent is the broker's already; the oldest that was not is behind it.
            bytes -= entries.remove(at: entries.index(entries.startIndex, offsetBy: sent)).event.size
            dropped += 1
        }
        entries.append(Entry(event: event))
        bytes += event.size
        return dropped
    }

    /// The next events to send, so many that `window` are unconfirmed; they count as sent.
    package mutating func takeUnsent(window: Int) -> [Event] {
        let number = min(window - sent, entries.count - sent)
        guard number > 0 else { return [] }
        let start = entries.index(entries.startIndex, offsetBy: sent)
        let events = entries[start..<entries.index(start, offsetBy: number)].map(\.event)
        sent += number
        return events
    }

    /// The broker has taken responsibility for the event with this tag, or for all up to it.
    package mutating func confirm(tag: UInt64, multiple: Bool) {
        guard tag >= firstTag, tag - firstTag < UInt64(sent) else { return }
        let offset = Int(tag - firstTag)
        for index in (multiple ? 0 : offset)...offset {
            entries[entries.index(entries.startIndex, offsetBy: index)].isConfirmed = true
        }
        while sent > 0, let first = entries.first, first.isConfirmed {
            bytes -= first.event.size
            entries.removeFirst()
            sent -= 1
            firstTag += 1
        }
    }

    /// The connection is gone: what was not confirmed will be sent again, in order, before all else.
    package mutating func reconnect() {
        for entry in entries where entry.isConfirmed { bytes -= entry.event.size }
        entries.removeAll(where: \.isConfirmed)
        sent = 0
        firstTag = 1
    }
}
