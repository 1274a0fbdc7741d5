import NIOHTTP1

/// Playbacks, recordings and snoops.
extension ApplicationHandle {
    /// Plays to a call: `sound:hello-world`, `tone:ring`, `digits:12`, ...
    public func play(
        _ uri: String,
        to call: String,
        language: String? = nil
    ) async throws(ApplicationdError) -> ApplicationPlayback {
        struct Wish: Encodable { var uri: String, language: String? }
        return try await client.request(
            ApplicationPlayback.self,
            .POST,
            path("calls", call, "playbacks"),
            body: Wish(uri: uri, language: language)
        )
    }

    /// Ends a playback.
    public func stop(playback: String) async throws(ApplicationdError) {
        try await client.request(.DELETE, path("playbacks", playback))
    }

    /// Records what the party of a call says.
    public func record(
        _ call: String,
        _ wish: NewRecording = NewRecording()
    ) async throws(ApplicationdError) -> ApplicationRecording {
        try await client.request(ApplicationRecording.self, .POST, path("calls", call, "recordings"), body: wish)
    }

    /// Ends a recording and keeps it.
    public func stop(recording: String) async throws(ApplicationdError) {
        try await client.request(.PUT, path("recordings", recording, "stop"))
    }

    /// Ends a recording and throws it away.
    public func cancel(recording: String) async throws(ApplicationdError) {
        try await client.request(.DELETE, path("recordings", recording))
    }

    /// Lets one call listen to another.
    public func snoop(
        on call: String,
        by listener: String,
        whisper: WhisperMode = .none
    ) async throws(ApplicationdError) -> ApplicationSnoop {
        try await client.request(
            ApplicationSnoop.self,
            .POST,
            path("calls", call, "snoops"),
            body: ["snooping_call_id": listener, "whisper_mode": whisper.rawValue]
        )
    }

    /// Who listens to whom.
    public func snoops() async throws(ApplicationdError) -> [ApplicationSnoop] {
        try await client.request(Items<ApplicationSnoop>.self, .GET, path("snoops")).items
    }

    /// One snoop.
    public func snoop(_ uuid: String) async throws(ApplicationdError) -> ApplicationSnoop {
        try await client.request(ApplicationSnoop.self, .GET, path("snoops", uuid))
    }

    /// Changes whom the listening call speaks to.
    public func update(snoop uuid: String, whisper: WhisperMode) async throws(ApplicationdError) {
        try await client.request(.PUT, path("snoops", uuid), body: ["whisper_mode": whisper.rawValue])
    }

    /// Ends a snoop.
    public func delete(snoop uuid: String) async throws(ApplicationdError) {
        try await client.request(.DELETE, path("snoops", uuid))
    }
}
