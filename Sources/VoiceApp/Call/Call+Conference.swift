import ARI
import ServiceLifecycle

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
                try await request { try await $0.bridges.addChannel(room, channel: [id]) }
                return
            } catch CallError.failed(.refused(status: 404, _, _)) {
                do {
                    // Not a child: given up half way it would be made after ``leave(_:)`` has looked for it, and stay.
                    _ = try await request { client in
                        try await Task { try await client.bridges.createWithID(room, type: "mixing", name: name) }.value
                    }
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
            if !hasGone { try? await client.bridges.removeChannel(room, channel: [id]) }
            // Who has left is listed until the fleet has heard of it, which takes as long as its broker is away; of several who leave
            // at once the last must see the room empty.
            let begun = ContinuousClock.now
            var pause = Duration.milliseconds(50)
            while ContinuousClock.now - begun < Self.patience(isStopping: Task.isShuttingDownGracefully) {
                if await Self.removeIfEmpty(room, without: id, client) { return }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    /// How long a room is looked after by who has left it. A program that stops leaves it to the next one.
    private static func patience(isStopping: Bool) -> Duration { isStopping ? .seconds(1) : .seconds(30) }

    /// - Returns: false when there is more to wait for: the channel is still listed, or the fleet could not answer.
    private static func removeIfEmpty(_ room: String, without channel: String, _ client: ARIClient) async -> Bool {
        do throws(ARIError) {
            let members = try await client.bridges.get(room).channels
            guard !members.contains(channel) else { return false }
            if members.isEmpty { try await client.bridges.destroy(room) }
            return true
        } catch {
            return error.status == 404
        }
    }

    /// Removes rooms whose last caller left while no application was there to see it. Who is about to enter one makes it again.
    static func removeEmptyRooms(_ client: ARIClient) async {
        guard let bridges = try? await client.bridges.list() else { return }
        for bridge in bridges where bridge.channels.isEmpty && bridge.id == room(bridge.name) {
            try? await client.bridges.destroy(bridge.id)
        }
    }

    private func isGone(_ room: String) async throws -> Bool {
        try await request { try await !$0.exists("bridges", room) }
    }

    private func isIn(_ room: String) async throws -> Bool {
        do {
            return try await request { try await $0.bridges.get(room).channels.contains(id) }
        } catch CallError.failed(.refused(status: 404, _, _)) {
            return false
        }
    }
}
