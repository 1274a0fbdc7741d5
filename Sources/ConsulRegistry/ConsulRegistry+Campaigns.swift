import Foundation
import Registry

/// Keys that one process holds at a time.
extension ConsulRegistry {
    package func campaign(for key: String, as value: [UInt8]) -> AsyncStream<Bool> {
        let (stream, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        continuation.onTermination = { [weak self] _ in Task { await self?.resign(id, from: key) } }
        let isFirst = contests[key] == nil
        contests[key, default: Contest()].enter(id, value: value, continuation: continuation)
        pendingReleases.remove(key)
        if isFirst { startContending(for: key) } else { tellCampaigners() }
        return stream
    }

    /// Follows a key, and takes it whenever nobody holds it, as long as anybody here asks for it.
    func contend(for key: String) async {
        var cursor = IndexCursor()
        var backoff = Backoff()
        defer { contested.remove(key) }
        while !Task.isCancelled, contests[key] != nil {
            do throws(ConsulError) {
                let session = try await session()
                let (pair, index) = try await client.entry(keys.stored(key), waitingFor: cursor)
                cursor.advance(to: index)
                guard let value = contests[key]?.value else { break }
                contests[key]?.holder = pair?.session
                let isOurs = pair?.session == session && pair?.value == value
                if !isOurs, pair?.session == nil || pair?.session == session {
                    let isTaken = try await client.put(value, for: keys.stored(key), .acquire(session: session))
                    if isTaken {
                        contests[key]?.holder = session
                    } else {
                        // Raced, or barred for a while by another tool's session: look again.
                        cursor.reset()
                        try? await Task.sleep(for: .milliseconds(200))
                    }
                }
                contests[key]?.isSettled = true
                tellCampaigners()
                backoff.succeeded()
            } catch {
                cursor.reset()
                contests[key]?.isSettled = true
                tellCampaigners()
                if error != .abandoned { try? await Task.sleep(for: backoff.failed()) }
            }
        }
    }

    /// Tells every campaigner how it stands now.
    func tellCampaigners() {
        for key in contests.keys {
            guard let contest = contests[key] else { continue }
            contests[key]?.tell(isOurs: lease.holds(contest.holder, at: .now))
        }
    }

    /// Deletes a key that is given up, if it is ours.
    func release(_ key: String) async throws(ConsulError) {
        guard contests[key] == nil, let session = lease.session else {
            pendingReleases.remove(key)
            return
        }
        let (pair, _) = try await client.entry(keys.stored(key))
        if let pair, pair.session == session, contests[key] == nil {
            try await client.delete(keys.stored(key), unchangedSince: pair.modifyIndex)
        }
        pendingReleases.remove(key)
    }

    private func resign(_ id: UUID, from key: String) async {
        guard contests[key]?.leave(id) == true else { return }
        if let next = contests[key]?.value {
            // The next of this process takes it over; writing the key also wakes the task that follows it.
            guard let session = lease.session else { return }
            // Until its value is written nobody is told that it holds the key.
            contests[key]?.holder = nil
            let isTaken = try? await client.put(next, for: keys.stored(key), .acquire(session: session))
            if isTaken == true { contests[key]?.holder = session }
            tellCampaigners()
        } else {
            contests[key] = nil
            pendingReleases.insert(key)
            try? await release(key)
        }
    }
}
