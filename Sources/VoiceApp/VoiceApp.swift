/// A telephone application: what happens to a call that reaches it.
///
/// ```swift
/// struct Greeter: VoiceApp {
///     let name = "greeter"
///
///     func onCall(_ call: Call) async throws {
///         try await call.answer()
///         try await call.say("Hello. Press a digit.")
///         for await digit in call.digits { try await call.say("You pressed \(digit)") }
///     }
/// }
/// ```
public protocol VoiceApp: Sendable {
    /// The Stasis application's name, to which routes lead.
    var name: String { get }

    /// Attends to one call, in a task of its own.
    ///
    /// The task is cancelled when the caller hangs up, and operations on the call then throw ``CallError/hungUp``: let it pass, there
    /// is nobody to talk to. When this returns, the call is hung up; when it throws anything else, that is logged and the call is
    /// hung up. While the application shuts down gracefully, calls go on for the time that ``ShutdownPolicy`` gives; a call that wants
    /// to know uses `withGracefulShutdownHandler` of ServiceLifecycle.
    func onCall(_ call: Call) async throws
}
