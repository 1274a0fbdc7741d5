import NIOHTTP1

/// Operations on playbacks, recordings, applications and Asterisk itself.
extension ARIClient {
    /// Ends a playback. It is gone (404) once it has finished.
    public func stopPlayback(_ id: String) async throws(ARIError) { try await request(.DELETE, ["playbacks", id]) }

    /// `operation` is `restart`, `pause`, `unpause`, `reverse` or `forward`.
    public func controlPlayback(_ id: String, operation: String) async throws(ARIError) {
        try await request(.POST, ["playbacks", id, "control"], query: [("operation", operation)])
    }

    /// One playback. It is gone (404) once it has finished.
    public func playback(_ id: String) async throws(ARIError) -> Playback {
        try await request(Playback.self, .GET, ["playbacks", id])
    }

    /// One recording in progress.
    public func liveRecording(_ name: String) async throws(ARIError) -> LiveRecording {
        try await request(LiveRecording.self, .GET, ["recordings", "live", name])
    }

    /// Ends a recording and throws it away.
    public func cancelRecording(_ name: String) async throws(ARIError) {
        try await request(.DELETE, ["recordings", "live", name])
    }

    /// Ends a recording and keeps it.
    public func stopRecording(_ name: String) async throws(ARIError) {
        try await request(.POST, ["recordings", "live", name, "stop"])
    }

    /// Throws away a stored recording.
    public func deleteRecording(_ name: String) async throws(ARIError) {
        try await request(.DELETE, ["recordings", "stored", name])
    }

    /// The names of the applications that are registered.
    public func applications() async throws(ARIError) -> [String] {
        struct Application: Decodable { var name: String }
        return try await request([Application].self, .GET, ["applications"]).map(\.name)
    }

    /// Whether ARI answers: proves its HTTP and ARI threads, no more.
    public func ping() async throws(ARIError) { try await request(.GET, ["asterisk", "ping"]) }

    /// The entity id in `asterisk/info`.
    public func entityID() async throws(ARIError) -> String {
        struct Info: Decodable {
            struct System: Decodable { var entity_id: String }
            var system: System
        }
        return try await request(Info.self, .GET, ["asterisk", "info"], query: [("only", "system")]).system.entity_id
    }

    /// Loads the configuration of a module anew.
    public func reloadModule(_ name: String) async throws(ARIError) {
        try await request(.PUT, ["asterisk", "modules", name])
    }
}
