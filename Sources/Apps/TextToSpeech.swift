import VoiceApp

/// Tells callers which Asterisk they have reached, every five seconds, until they have heard enough.
package struct TextToSpeech: VoiceApp {
    /// The Stasis application that routes lead to.
    package let name: String

    /// - Parameter name: the Stasis application that routes lead to.
    package init(name: String = "tts") { self.name = name }

    /// Says the name of the node, over and over.
    package func onCall(_ call: Call) async throws {
        try await call.answer()
        let nickname = try await call.variable("ASTERISM_NICKNAME") ?? call.node
        let announcement = try await call.speech("You are connected to the Asterisk called \(nickname)")
        while true {
            let next = ContinuousClock.now + .seconds(5)
            try await call.play(announcement)
            try await Task.sleep(until: next)
        }
    }
}
