import ArgumentParser
import Logging
import Telemetry

/// Logs go to standard error, so that standard output is for people and programs.
enum Logs {
    /// - Parameters:
    ///   - text: the level; nil is `warning`.
    ///   - format: how lines look; nil is text.
    static func start(level text: String?, format: LogFormat?) throws {
        guard let level = Logger.Level(rawValue: text ?? "warning") else {
            throw ValidationError(
                "'\(text ?? "")' is not a log level; use trace, debug, info, notice, warning, error or critical"
            )
        }
        (format ?? .text).bootstrap(level: level)
    }
}

extension LogFormat: ExpressibleByArgument {}
