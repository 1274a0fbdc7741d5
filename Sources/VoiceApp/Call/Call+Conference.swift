import ARI

/// Rooms.
extension Call {
    /// Puts the caller into a room, wherever in the fleet the others are, and returns when the caller has left it.
    ///
    /// The room is a mixing bridge whose id follows from its name, so every application that uses the name means the same room. It
    /// is made by the first and removed by the last. Cancelling takes the caller out.
    /// - Throws: ``CallError/hungUp``, the usual end.
    public func join(conference name: String) async throws {
        let room = Self.room(name)
        try await waiting(for: .bridge(room)) { reports in
            do {
                // A call taken over from an application that stopped is there already; adding it again would take it out first.
                if try await !isIn(room) { try await enter(room, name) }
                var entered = ContinuousClock.now
                while try await hasLeft(room, reports) {
                    // The last caller of before may remove the room in the moment between seeing it empty and our arrival.
                    guard ContinuousClock.now - entered < .seconds(2), try await isGone(room) else { break }
                    try await enter(room, name)
                    entered = .now
                }
                await leave(room)
            } catch {
                await leave(room)
                throw error
            }
        }
    }

    /// The id of the bridge that is a room.
    static func room(_ name: String) -> String { "conference-\(name)" }

    /// Whoever comes first makes the room; whoever finds it gone makes it again.
    private func enter(_ room: String, _ name: String) async throws {
        for _ in 0..<8 {
            do {
                try await request { try await $0.add(channel: id, to: room) }
                return
            } catch CallError.failed(.refused(status: 404, _, _)) {
                do {
                    try await request { try await $0.createBridge(room, name: name) }
                } catch CallError.failed(.refused(status: 409, _, _)) {
                    // Somebody else made it.
                }
            }
        }
        throw CallError.conferenceUnavailable(name)
    }

    /// Waits for the end of this stay; false when it turns out to go on.
    private func hasLeft(_ room: String, _ reports: Mailbox<Report>) async throws -> Bool {
        while true {
            switch try await report(from: reports) {
            case .notice(.leftBridge): return true
            case .maybeMissed: if try await !isIn(room) { return true }
            default: continue
            }
        }
    }

    private func leave(_ room: String) async {
        let hasGone = isEnded
        await afterwards { [id] client in
            if !hasGone { try? await client.remove(channel: id, from: room) }
            // Who has left is listed for a moment longer; of several who leave at once the last must see the room empty.
            var members = try await client.bridge(room).channels
            var looks = 1
            while members.contains(id), looks < 20 {
                try await Task.sleep(for: .milliseconds(50))
                members = try await client.bridge(room).channels
                looks += 1
            }
            if members.isEmpty { try await client.destroyBridge(room) }
        }
    }

    private func isGone(_ room: String) async throws -> Bool {
        try await request { try await !$0.exists("bridges", room) }
    }

    private func isIn(_ room: String) async throws -> Bool {
        do {
            return try await request { try await $0.bridge(room).channels.contains(id) }
        } catch CallError.failed(.refused(status: 404, _, _)) {
            return false
        }
    }
}
