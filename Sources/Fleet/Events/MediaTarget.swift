import ARI

/// What is played to or recorded from, as ARI writes it: `channel:ID` or `bridge:ID`.
enum MediaTarget: Sendable, Hashable {
    case channel(String)
    case bridge(String)

    init?(_ uri: String) {
        let parts = uri.split(separator: ":", maxSplits: 1)
        switch (parts.first, parts.count) {
        case ("channel", 2): self = .channel(String(parts[1]))
        case ("bridge", 2): self = .bridge(String(parts[1]))
        default: return nil
        }
    }
}

extension Playback {
    /// The bridge that it is played in.
    package var bridge: String? {
        guard case .bridge(let id) = MediaTarget(targetURI) else { return nil }
        return id
    }
}
