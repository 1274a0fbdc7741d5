import Logging

/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// One JSON object per line, for machines.
    case json

    /// Has every logger of this process write to standard error; call once, before the first logger.
    package func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            switch self {
            case .text: AdjustableLogHandler(text(label, level))
            case .json: AdjustableLogHandler(json(label, level))
            }
        }
    }

    private func text(_ label: String, _ level: Logger.Level) -> StreamLogHandler {
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
    }

    private func json(_ label: String, _ level: Logger.Level) -> JSONLogHandler {
        JSONLogHandler(label: label, level: level, provider: LoggingSystem.metadataProvider)
    }
}
