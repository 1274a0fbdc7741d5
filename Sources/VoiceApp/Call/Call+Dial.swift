import ARI
import Foundation

/// Calling somebody else.
extension Call {
    /// Rings a subscriber of the fleet and connects the two. See ``dial(endpoint:timeout:)``.
    public func dial(subscriber: String, timeout: Duration = .seconds(30)) async throws -> DialOutcome {
        try await dial(endpoint: "PJSIP/\(subscriber)@edge", timeout: timeout)
    }

    /// Rings an endpoint, connects the two when it answers, and returns when they have talked, or why they could not.
    ///
    /// The caller stays when the other party hangs up. Cancelling, as the caller's hanging up does, ends the other side too.
    /// - Parameters:
    ///   - endpoint: as Asterisk names it: `PJSIP/demo@edge`, `Local/8001@default`.
    ///   - timeout: how long it rings.
    public func dial(endpoint: String, timeout: Duration = .seconds(30)) async throws -> DialOutcome {
        let leg = "dial-\(UUID().uuidString.lowercased())"
        context.board.adopt(leg: leg, by: id)
        defer { context.board.release(leg: leg) }
        return try await waiting(for: .leg(leg)) { reports in
            do {
                let outcome = try await ring(endpoint, as: leg, timeout: timeout, reports)
                await drop(leg)
                return outcome
            } catch {
                await drop(leg)
                throw error
            }
        }
    }

    private func ring(
        _ endpoint: String,
        as leg: String,
        timeout: Duration,
        _ reports: Mailbox<Report>
    ) async throws -> DialOutcome {
        let started = ContinuousClock.now
        do {
            try await request { client in
                try await client.channels.originate(
                    endpoint: endpoint,
                    app: context.application,
                    appArgs: "\(EventRouter.legArgument),\(id)",
                    callerID: caller.name.isEmpty ? caller.number : "\"\(caller.name)\" <\(caller.number)>",
                    timeout: max(1, Int(timeout.components.seconds)),
                    channelID: leg,
                    originator: id
                )
            }
        } catch CallError.failed(.refused(let status, _, _)) where status >= 500 {
            // Asterisk could not even try: no such endpoint, or nobody registered there.
            return .unavailable
        }
        context.board.confirm(leg: leg)
        while true {
            switch try await report(from: reports) {
            case .notice(.legRinging): try await request { try await $0.channels.ring(id) }
            case .notice(.legBusy): return .busy
            case .notice(.legAnswered): return try await connect(leg, reports)
            case .notice(.legEnded(_, let cause)):
                return .failure(cause: cause, timedOut: ContinuousClock.now - started >= timeout)
            case .maybeMissed: if await isUp(leg) { return try await connect(leg, reports) }
            default: continue
            }
        }
    }

    private func connect(_ leg: String, _ reports: Mailbox<Report>) async throws -> DialOutcome {
        let answered = ContinuousClock.now
        try await request { client in
            try await client.channels.ringStop(id)
            try await client.channels.answer(id)
            try await client.bridges.createWithID(leg, type: "mixing", name: context.application)
        }
        do {
            try await request { client in
                try await client.bridges.addChannel(leg, channel: [leg])
                try await client.bridges.addChannel(leg, channel: [id])
            }
        } catch CallError.hungUp where !isEnded {
            // It was the other party who hung up as we connected them, or this call's end has not been reported yet.
        }
        while true {
            if case .notice(.legEnded) = try await report(from: reports) {
                return .answered(for: ContinuousClock.now - answered)
            }
        }
    }

    /// Removes what dialling made; each may be gone, or never have come to be. The bridge has the leg's id.
    private func drop(_ leg: String) async {
        await afterwards { client in
            try? await client.channels.hangup(leg)
            try? await client.bridges.destroy(leg)
        }
    }

    private func isUp(_ leg: String) async -> Bool { (try? await context.client.channels.get(leg))?.state == "Up" }
}

/// How calling somebody went.
public enum DialOutcome: Sendable, Hashable {
    /// They talked for so long, and the other party hung up.
    case answered(for: Duration)
    case busy
    case noAnswer
    case rejected
    /// Not registered, unknown, or not reachable.
    case unavailable

    /// From the Q.850 cause of a leg that ended before it was answered.
    static func failure(cause: Int?, timedOut: Bool) -> DialOutcome {
        switch cause {
        case 17: .busy
        case 18, 19: .noAnswer
        case 21: .rejected
        default: timedOut ? .noAnswer : .unavailable
        }
    }
}
