import Synchronization

/// What applications are not told yet: that a channel goes whose call is about to go on elsewhere. The two come from different nodes, in
/// whichever order.
final class HeldFarewells: Sendable {
    private struct Farewell: Sendable {
        var application: String
        /// Whether the channel may come back.
        var isDoubtful: Bool
        var tell: @Sendable () -> Void
    }

    /// How long the new channel may take.
    private static let patience = Duration.seconds(6)

    private let held = Mutex<[String: [Farewell]]>([:])

    /// Keeps something to be told about a channel until it is released.
    /// - Parameter isDoubtful: whether it is told only if more follows: the channel may come back.
    func hold(
        _ channel: String,
        from application: String,
        isDoubtful: Bool = false,
        _ tell: @escaping @Sendable () -> Void
    ) {
        let isFirst = held.withLock { held in
            held[channel, default: []].append(Farewell(application: application, isDoubtful: isDoubtful, tell: tell))
            return held[channel]?.count == 1
        }
        guard isFirst else { return }
        // Bounded: the node of the new channel may be lost, and then nothing more is heard of it.
        Task {
            try? await Task.sleep(for: Self.patience)
            release(channel)
        }
    }

    /// The channel has come back: an application never hears that it went.
    func forget(_ channel: String, from application: String) {
        held.withLock { held in
            held[channel]?.removeAll { $0.application == application && $0.isDoubtful }
            if held[channel]?.isEmpty == true { held[channel] = nil }
        }
    }

    /// The call has gone on elsewhere: tells what was held about the former channel, in its order, but for what is still in doubt.
    func settle(_ channel: String) {
        let certain = held.withLock { held in
            let all = held.removeValue(forKey: channel) ?? []
            let ends = Set(all.filter { !$0.isDoubtful }.map(\.application))
            let doubtful = all.filter { !ends.contains($0.application) }
            if !doubtful.isEmpty { held[channel] = doubtful }
            return all.filter { ends.contains($0.application) }
        }
        for farewell in certain { farewell.tell() }
    }

    /// Tells all that was held about a channel, in its order.
    /// - Parameter application: whom; nil for all.
    func release(_ channel: String, from application: String? = nil) {
        let all = held.withLock { held in
            let all = held.removeValue(forKey: channel) ?? []
            let others = application.map { name in all.filter { $0.application != name } } ?? []
            if !others.isEmpty { held[channel] = others }
            return all.filter { application == nil || $0.application == application }
        }
        for farewell in all { farewell.tell() }
    }
}
