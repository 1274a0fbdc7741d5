import NIOHTTP1

/// Operations on channels (`rest-api/channels.json`).
extension ARIClient {
    /// Every channel.
    public func channels() async throws(ARIError) -> [Channel] { try await request([Channel].self, .GET, ["channels"]) }

    /// One channel.
    public func channel(_ id: String) async throws(ARIError) -> Channel {
        try await request(Channel.self, .GET, ["channels", id])
    }

    /// Makes a channel, dials, and hands it to an application when it answers.
    /// - Parameters:
    ///   - endpoint: such as `PJSIP/alice@edge` or `Local/8001@default`.
    ///   - timeout: seconds to ring; nil for the server's 30.
    public func originate(
        endpoint: String,
        application: String,
        arguments: String? = nil,
        channelID: String? = nil,
        callerID: String? = nil,
        timeout: Int? = nil,
        originator: String? = nil,
        variables: [String: String] = [:]
    ) async throws(ARIError) -> Channel {
        try await request(
            Channel.self,
            .POST,
            ["channels"],
            query: [
                ("endpoint", endpoint), ("app", application), ("appArgs", arguments), ("channelId", channelID),
                ("callerId", callerID), ("timeout", timeout.map(String.init)), ("originator", originator),
            ],
            body: Self.variables(variables)
        )
    }

    /// Makes a channel without dialling it yet: ``dial(_:timeout:)`` does that.
    public func createChannel(
        endpoint: String,
        application: String,
        arguments: String? = nil,
        channelID: String? = nil,
        originator: String? = nil,
        variables: JSONValue? = nil
    ) async throws(ARIError) -> Channel {
        try await request(
            Channel.self,
            .POST,
            ["channels", "create"],
            query: [
                ("endpoint", endpoint), ("app", application), ("appArgs", arguments), ("channelId", channelID),
                ("originator", originator),
            ],
            body: variables.map { ["variables": $0] }
        )
    }

    /// Dials a channel made by ``createChannel(endpoint:application:arguments:channelID:originator:variables:)``.
    public func dial(_ channel: String, timeout: Int? = nil) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "dial"], query: [("timeout", timeout.map(String.init))])
    }

    /// Answers a call.
    public func answer(_ channel: String) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "answer"])
    }

    /// Tells the caller that the called side rings.
    public func ring(_ channel: String) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "ring"])
    }

    /// Ends what ``ring(_:)`` began.
    public func stopRinging(_ channel: String) async throws(ARIError) {
        try await request(.DELETE, ["channels", channel, "ring"])
    }

    /// Hangs up. `reason` is one of ARI's words: `normal`, `busy`, `congestion`, `no_answer`, ...
    public func hangUp(_ channel: String, reason: String? = nil) async throws(ARIError) {
        try await request(.DELETE, ["channels", channel], query: [("reason", reason)])
    }

    /// Sends the channel back to the dialplan.
    public func `continue`(
        _ channel: String,
        context: String? = nil,
        extension: String? = nil
    ) async throws(ARIError) {
        try await request(
            .POST,
            ["channels", channel, "continue"],
            query: [("context", context), ("extension", `extension`)]
        )
    }

    /// Plays media (`sound:hello-world`, `sound:http://...`, `tone:ring`, `digits:12`, `recording:NAME`).
    /// - Parameter language: of the sounds; nil for that of the channel.
    public func play(
        _ media: String,
        on channel: String,
        playbackID: String,
        language: String? = nil
    ) async throws(ARIError) -> Playback {
        try await request(
            Playback.self,
            .POST,
            ["channels", channel, "play", playbackID],
            query: [("media", media), ("lang", language)]
        )
    }

    /// Records what the channel says.
    /// - Parameters:
    ///   - maxDuration: seconds, 0 for no limit.
    ///   - maxSilence: seconds of silence that end it, 0 for no limit.
    ///   - terminateOn: `none`, `any`, or one digit.
    public func record(
        _ channel: String,
        name: String,
        format: String = "wav",
        maxDuration: Int = 0,
        maxSilence: Int = 0,
        ifExists: String = "fail",
        beep: Bool = false,
        terminateOn: String = "none"
    ) async throws(ARIError) -> LiveRecording {
        try await request(
            LiveRecording.self,
            .POST,
            ["channels", channel, "record"],
            query: [
                ("name", name), ("format", format), ("maxDurationSeconds", String(maxDuration)),
                ("maxSilenceSeconds", String(maxSilence)), ("ifExists", ifExists), ("beep", String(beep)),
                ("terminateOn", terminateOn),
            ]
        )
    }

    /// Sends DTMF digits to the channel.
    public func sendDTMF(_ digits: String, to channel: String) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "dtmf"], query: [("dtmf", digits)])
    }

    /// `direction` is `both`, `in` or `out`.
    public func mute(_ channel: String, direction: String = "both") async throws(ARIError) {
        try await request(.POST, ["channels", channel, "mute"], query: [("direction", direction)])
    }

    /// Ends what ``mute(_:direction:)`` began.
    public func unmute(_ channel: String, direction: String = "both") async throws(ARIError) {
        try await request(.DELETE, ["channels", channel, "mute"], query: [("direction", direction)])
    }

    /// Puts the other party on hold.
    public func hold(_ channel: String) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "hold"])
    }

    /// Ends what ``hold(_:)`` began.
    public func unhold(_ channel: String) async throws(ARIError) {
        try await request(.DELETE, ["channels", channel, "hold"])
    }

    /// Plays music on hold until ``stopMusicOnHold(_:)``; nil is the default class.
    public func startMusicOnHold(_ channel: String, musicClass: String? = nil) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "moh"], query: [("mohClass", musicClass)])
    }

    /// Ends what ``startMusicOnHold(_:musicClass:)`` began.
    public func stopMusicOnHold(_ channel: String) async throws(ARIError) {
        try await request(.DELETE, ["channels", channel, "moh"])
    }

    /// The value of a channel variable, a global variable or a dialplan function.
    public func variable(_ name: String, of channel: String) async throws(ARIError) -> String {
        struct Variable: Decodable { var value: String }
        return try await request(
            Variable.self,
            .GET,
            ["channels", channel, "variable"],
            query: [("variable", name)]
        ).value
    }

    /// Sets a channel variable or writes to a dialplan function.
    public func setVariable(_ name: String, to value: String, of channel: String) async throws(ARIError) {
        try await request(.POST, ["channels", channel, "variable"], query: [("variable", name), ("value", value)])
    }

    private static func variables(_ variables: [String: String]) -> JSONValue? {
        variables.isEmpty ? nil : ["variables": .object(variables.mapValues { .string($0) })]
    }
}
