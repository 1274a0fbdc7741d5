import Logging

/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// One JSON object per line, for machines.
    case json

    /// Has every logger of this process write to standard error; call once, before the first logger.
    package func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { handler(label: $0, level: level) }
    }

    /// A handler that writes to standard error.
    package func handler(label: String, level: Logger.Level) -> any LogHandler {
        switch self {
        case .text:
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        case .json:
            return JSONLogHandler(label: label, level: level, provider: LoggingSystem.metadataProvider)
        }
    }
}
