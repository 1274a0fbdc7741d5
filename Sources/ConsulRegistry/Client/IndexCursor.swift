/// How far a reader has followed something: the index of Consul's blocking queries, and when not to trust it.
struct IndexCursor: Sendable, Hashable {
    /// The index to wait beyond; 0 asks without waiting.
    private(set) var index: UInt64 = 0

    /// Takes note of an answer. An index that went backwards (a restored or emptied Consul) starts anew.
    mutating func advance(to answered: UInt64?) {
        guard let answered, answered >= index else { return index = 0 }
        index = max(answered, 1)
    }

    /// After a failure nothing is certain: the next query must not wait.
    mutating func reset() { index = 0 }

    /// The request as one that waits for a change.
    func waiting(_ request: ConsulRequest, for wait: Duration) -> ConsulRequest {
        guard index > 0 else { return request }
        var request = request
        request.query += [("index", "\(index)"), ("wait", wait.inConsul)]
        // Consul adds up to a sixteenth to spread its readers.
        request.timeout = wait + wait / 8 + .seconds(2)
        request.waits = true
        return request
    }
}

/// How long to wait after failures in a row.
struct Backoff: Sendable, Hashable {
    private(set) var failures = 0

    /// Counts a failure.
    /// - Returns: the delay before the next try: doubling from 100 ms up to 2 s.
    mutating func failed() -> Duration {
        defer { failures += 1 }
        return min(.milliseconds(100) * (1 << min(failures, 10)), .seconds(2))
    }

    /// Starts counting anew.
    mutating func succeeded() { failures = 0 }
}
