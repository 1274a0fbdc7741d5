import Logging
import Synchronization

/// Whether this process logs at `debug` although it was started with less, until somebody says otherwise.
package enum DebugLogs {
    private static let on = Atomic<Bool>(false)

    package static var isOn: Bool {
        get { on.load(ordering: .relaxed) }
        set { on.store(newValue, ordering: .relaxed) }
    }

    /// The level that counts, for a handler that was made with one.
    static func level(_ level: Logger.Level) -> Logger.Level { isOn ? min(level, .debug) : level }
}

/// A handler whose level ``DebugLogs`` can lower.
struct AdjustableLogHandler<Handler: LogHandler>: LogHandler {
    private var handler: Handler

    init(_ handler: Handler) { self.handler = handler }

    var logLevel: Logger.Level {
        get { DebugLogs.level(handler.logLevel) }
        set { handler.logLevel = newValue }
    }
    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }
    var metadataProvider: Logger.MetadataProvider? {
        get { handler.metadataProvider }
        set { handler.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { handler.log(event: event) }
}
