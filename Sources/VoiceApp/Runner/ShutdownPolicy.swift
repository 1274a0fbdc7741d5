/// What becomes of calls when an application shuts down gracefully.
public enum ShutdownPolicy: Sendable, Hashable {
    /// New calls are turned away; those there may go on for so long, then they are hung up.
    case hangUp(after: Duration)
    /// Calls stay where they are, for the application that takes over: a runner attends to the calls it finds waiting.
    case leave
}
