import NIOHTTP1

/// Listening to channels (`rest-api/channels.json`).
extension ARIClient {
    /// Which audio a snoop hears or adds to.
    public enum SnoopDirection: String, Sendable, Hashable, CaseIterable {
        /// Neither.
        case none
        /// Both.
        case both
        /// What goes to the channel.
        case out
        /// What comes from the channel.
        case `in`
    }

    /// Makes a channel that hears another one, and may speak into it.
    /// - Parameters:
    ///   - snoopID: the id of the new channel.
    ///   - spy: what is heard.
    ///   - whisper: where what is said into the new channel goes.
    public func snoop(
        _ channel: String,
        snoopID: String,
        application: String,
        arguments: String? = nil,
        spy: SnoopDirection = .both,
        whisper: SnoopDirection = .none
    ) async throws(ARIError) -> Channel {
        try await request(
            Channel.self,
            .POST,
            ["channels", channel, "snoop", snoopID],
            query: [
                ("app", application), ("appArgs", arguments), ("spy", spy.rawValue), ("whisper", whisper.rawValue),
            ]
        )
    }
}
