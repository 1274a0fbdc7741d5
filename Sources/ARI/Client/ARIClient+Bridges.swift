import NIOHTTP1

/// Operations on bridges (`rest-api/bridges.json`).
extension ARIClient {
    /// Every bridge.
    public func bridges() async throws(ARIError) -> [Bridge] { try await request([Bridge].self, .GET, ["bridges"]) }

    /// One bridge.
    public func bridge(_ id: String) async throws(ARIError) -> Bridge {
        try await request(Bridge.self, .GET, ["bridges", id])
    }

    /// Makes a bridge with an id of the caller's choice.
    /// - Parameter type: comma-separated words: `mixing`, `holding`, `dtmf_events`, `proxy_media`, ...
    @discardableResult
    public func createBridge(_ id: String, type: String = "mixing", name: String? = nil) async throws(ARIError)
        -> Bridge
    {
        try await request(Bridge.self, .POST, ["bridges", id], query: [("type", type), ("name", name)])
    }

    /// Ends a bridge; its channels stay in their application.
    public func destroyBridge(_ id: String) async throws(ARIError) { try await request(.DELETE, ["bridges", id]) }

    /// Puts a channel into a bridge.
    /// - Parameter inhibitConnectedLineUpdates: keeps the identity of the newcomer from the channels already there.
    public func add(
        channel: String,
        to bridge: String,
        inhibitConnectedLineUpdates: Bool = false
    ) async throws(ARIError) {
        try await request(
            .POST,
            ["bridges", bridge, "addChannel"],
            query: [
                ("channel", channel),
                ("inhibitConnectedLineUpdates", inhibitConnectedLineUpdates ? "true" : nil),
            ]
        )
    }

    /// Puts several channels into a bridge: all or none.
    public func add(channels: [String], to bridge: String) async throws(ARIError) {
        try await request(
            .POST,
            ["bridges", bridge, "addChannel"],
            query: [("channel", channels.joined(separator: ","))]
        )
    }

    /// Takes a channel out of a bridge.
    public func remove(channel: String, from bridge: String) async throws(ARIError) {
        try await request(.POST, ["bridges", bridge, "removeChannel"], query: [("channel", channel)])
    }

    /// Plays media to everybody in a bridge.
    public func play(_ media: String, onBridge bridge: String, playbackID: String) async throws(ARIError) -> Playback {
        try await request(Playback.self, .POST, ["bridges", bridge, "play", playbackID], query: [("media", media)])
    }

    /// Plays music on hold to everybody in a bridge; nil is the default class.
    public func startMusicOnHold(bridge: String, musicClass: String? = nil) async throws(ARIError) {
        try await request(.POST, ["bridges", bridge, "moh"], query: [("mohClass", musicClass)])
    }

    /// Ends what ``startMusicOnHold(bridge:musicClass:)`` began.
    public func stopMusicOnHold(bridge: String) async throws(ARIError) {
        try await request(.DELETE, ["bridges", bridge, "moh"])
    }
}
