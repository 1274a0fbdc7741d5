/// What a client asks a bridge to say to all who are in it.
package enum Announcement: Sendable, Hashable {
    /// Sound, with the id of the playback if the client chose one.
    case play(String?)
    /// Music on hold of a class; an empty one is the default.
    case music(String)
    case endOfMusic

    /// - Returns: nil for a request about something else.
    package init?(_ request: ARIRequest) {
        guard request.path.first == "bridges", request.path.count > 2 else { return nil }
        switch (request.method, request.path[2]) {
        case ("POST", "play"):
            let chosen = request.path.count > 3 ? request.path[3] : request.query["playbackId"]
            self = .play(chosen.flatMap { $0.isEmpty ? nil : $0 })
        case ("POST", "moh"): self = .music(request.query["mohClass"] ?? "")
        case ("DELETE", "moh"): self = .endOfMusic
        default: return nil
        }
    }
}
