import Foundation

/// Those of this process who ask for one key. Only the first contends in Consul; the others wait for it to give up.
struct Contest: Sendable {
    private struct Campaigner: Sendable {
        let id: UUID
        let value: [UInt8]
        let continuation: AsyncStream<Bool>.Continuation
        var told: Bool?
    }

    private var campaigners: [Campaigner] = []
    /// The session under which the key was seen to be held.
    var holder: String?
    /// Whether a first attempt has ended, well or not: before that there is nothing to tell.
    var isSettled = false

    var isEmpty: Bool { campaigners.isEmpty }

    /// What the key shall say while it is ours.
    var value: [UInt8]? { campaigners.first?.value }

    mutating func enter(_ id: UUID, value: [UInt8], continuation: AsyncStream<Bool>.Continuation) {
        campaigners.append(Campaigner(id: id, value: value, continuation: continuation))
    }

    /// - Returns: whether it was the one that contends.
    mutating func leave(_ id: UUID) -> Bool {
        let wasFirst = campaigners.first?.id == id
        campaigners.removeAll { $0.id == id }
        return wasFirst
    }

    /// Tells each what has changed for it.
    mutating func tell(isOurs: Bool) {
        guard isSettled else { return }
        for index in campaigners.indices {
            let news = isOurs && index == campaigners.startIndex
            guard campaigners[index].told != news else { continue }
            campaigners[index].told = news
            campaigners[index].continuation.yield(news)
        }
    }

    /// Ends all streams.
    mutating func close() {
        isSettled = true
        tell(isOurs: false)
        for campaigner in campaigners { campaigner.continuation.finish() }
        campaigners = []
    }
}
