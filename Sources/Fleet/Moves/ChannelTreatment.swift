import ARI

/// What a client does to a channel that lasts until it says otherwise, and that Asterisk shows nobody. It is noted in a variable of the
/// channel itself, so that whichever gateway moves its call finds it there.
package enum ChannelTreatment: String, Sendable, Hashable, CaseIterable {
    case mutedIn = "ASTERISM_MUTED_IN"
    case mutedOut = "ASTERISM_MUTED_OUT"
    case held = "ASTERISM_HELD"
    case music = "ASTERISM_MUSIC"
    case silence = "ASTERISM_SILENCE"

    /// What a request to a channel begins or ends, with what is noted of each: empty where it ends.
    package static func notes(on request: ARIRequest) -> [ChannelTreatment: String]? {
        let path = request.path
        guard path.count == 3, path[0] == "channels", ["POST", "DELETE"].contains(request.method) else { return nil }
        let treatments: [ChannelTreatment]
        switch (path[2], request.query["direction"]) {
        case ("mute", "in"): treatments = [.mutedIn]
        case ("mute", "out"): treatments = [.mutedOut]
        case ("mute", _): treatments = [.mutedIn, .mutedOut]
        case ("hold", _): treatments = [.held]
        case ("moh", _): treatments = [.music]
        case ("silence", _): treatments = [.silence]
        default: return nil
        }
        var note = ""
        if request.method == "POST" { note = path[2] == "moh" ? "on \(request.query["mohClass"] ?? "")" : "on" }
        return Dictionary(treatments.map { ($0, note) }) { first, _ in first }
    }

    /// Asks for it once more, of another channel: the path below the channel, and the query.
    /// - Parameter note: what was noted; empty where it has ended.
    /// - Returns: nil where there is nothing to ask for.
    package func request(_ note: String) -> (path: String, query: [(String, String?)])? {
        guard note.hasPrefix("on") else { return nil }
        switch self {
        case .mutedIn: return ("mute", [("direction", "in")])
        case .mutedOut: return ("mute", [("direction", "out")])
        case .held: return ("hold", [])
        case .music: return ("moh", [("mohClass", note.count > 3 ? String(note.dropFirst(3)) : nil)])
        case .silence: return ("silence", [])
        }
    }
}
