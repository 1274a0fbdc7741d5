/// Lays received sound out as it was meant to be heard: by RTP timestamp, not by arrival. Lost packets leave silence, late ones
/// still find their place, repeated ones change nothing.
struct RecordingTimeline: Sendable {
    /// One run of a sender whose timestamps fit together.
    private struct Segment: Sendable {
        var source: UInt32
        var firstTimestamp: UInt32
        /// Where its first sample lies in ``RecordingTimeline/samples``.
        var start: Int
        var lowest: Int
        var highest: Int
        var seen: Set<Int>
    }

    private(set) var samples: [Int16] = []
    private(set) var received = 0
    private(set) var firstArrival: Int?
    private var lostBefore = 0
    private var segment: Segment?

    /// Two seconds: timestamps that disagree with the clock by more are a new beginning.
    private static let tolerance = 16_000
    /// Four hours, so that a forgotten call does not fill the memory.
    private static let limit = 4 * 3600 * 8000

    /// Packets that never came.
    var lost: Int { lostBefore + (segment.map { $0.highest - $0.lowest + 1 - $0.seen.count } ?? 0) }

    /// - Parameters:
    ///   - sound: its samples; empty for packets that only count, as digits do.
    ///   - arrival: samples' worth of time since the recording began.
    mutating func add(_ packet: RTPPacket, sound: [Int16], arrival: Int) {
        if firstArrival == nil { firstArrival = arrival }
        var current = segment(for: packet, arrival: arrival)
        let index =
            current.highest + Int(Int16(bitPattern: packet.sequence &- UInt16(truncatingIfNeeded: current.highest)))
        guard current.seen.insert(index).inserted else { return }
        received += 1
        current.highest = max(current.highest, index)
        current.lowest = min(current.lowest, index)
        segment = current
        place(sound, at: current.start + Self.distance(packet.timestamp, current.firstTimestamp))
    }

    /// Makes the recording as long as the call was: who stops sending is silent.
    mutating func extend(to length: Int) {
        let length = min(length, Self.limit)
        if samples.count < length { samples += [Int16](repeating: 0, count: length - samples.count) }
    }

    private mutating func segment(for packet: RTPPacket, arrival: Int) -> Segment {
        if let segment, segment.source == packet.source {
            let position = segment.start + Self.distance(packet.timestamp, segment.firstTimestamp)
            if abs(position - arrival) <= Self.tolerance { return segment }
        }
        lostBefore = lost
        let first = Int(packet.sequence)
        let fresh = Segment(
            source: packet.source,
            firstTimestamp: packet.timestamp,
            start: arrival,
            lowest: first,
            highest: first,
            seen: []
        )
        segment = fresh
        return fresh
    }

    private mutating func place(_ sound: [Int16], at position: Int) {
        // A late packet may reach back before the beginning.
        let start = max(position, 0)
        let sound = sound.dropFirst(start - position)
        guard !sound.isEmpty, start + sound.count <= Self.limit else { return }
        extend(to: start + sound.count)
        samples.replaceSubrange(start..<(start + sound.count), with: sound)
    }

    private static func distance(_ timestamp: UInt32, _ origin: UInt32) -> Int {
        Int(Int32(bitPattern: timestamp &- origin))
    }
}
