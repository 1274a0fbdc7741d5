import VoiceApp

/// Puts callers into the room whose name is the number they dialled, whichever Asterisk took the call.
package struct Conference: VoiceApp {
    /// The Stasis application that routes lead to.
    package let name: String

    /// - Parameter name: the Stasis application that routes lead to.
    package init(name: String = "conference") { self.name = name }

    /// Joins, and stays until the caller hangs up.
    package func onCall(_ call: Call) async throws {
        try await call.answer()
        try await call.join(conference: call.dialled)
    }
}
