import ArgumentParser
import Logging

/// Logs go to standard error, so that standard output is for people and programs.
enum Logs {
    static func start(level text: String?) throws {
        guard let level = Logger.Level(rawValue: text ?? "warning") else {
            throw ValidationError(
                "'\(text ?? "")' is not a log level; use trace, debug, info, notice, warning, error or critical"
            )
        }
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
