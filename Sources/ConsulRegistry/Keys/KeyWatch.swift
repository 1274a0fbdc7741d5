import Logging
import Registry

/// Follows the keys under a prefix, on the task of whoever asks: while nobody asks nothing is pending, and the next answer
/// is the newest state.
actor KeyWatch {
    private let client: ConsulClient
    private let keys: KeyPath
    private let prefix: String
    private let logger: Logger
    private var cursor = IndexCursor()
    private var backoff = Backoff()
    private var last: [String: RegistryEntry]?

    init(client: ConsulClient, keys: KeyPath, prefix: String, logger: Logger) {
        self.client = client
        self.keys = keys
        self.prefix = prefix
        self.logger = logger
    }

    /// The keys when they differ from what was told last; nil when the task is cancelled.
    func next() async -> [String: RegistryEntry]? {
        while !Task.isCancelled {
            do throws(ConsulError) {
                let (pairs, index) = try await client.entries(under: keys.stored(prefix), waitingFor: cursor)
                cursor.advance(to: index)
                backoff.succeeded()
                let entries = keys.entries(pairs, under: prefix)
                guard entries != last else { continue }
                last = entries
                return entries
            } catch {
                await pause(after: error)
            }
        }
        return nil
    }

    private func pause(after error: ConsulError) async {
        cursor.reset()
        guard error != .abandoned else { return }
        if backoff.failures == 0 { logger.warning("changes under \(prefix) are not seen for now: \(error)") }
        try? await Task.sleep(for: backoff.failed())
    }
}

extension KeyPath {
    /// What was read, as the port has it.
    func entries(_ pairs: [KVPair], under prefix: String) -> [String: RegistryEntry] {
        var entries: [String: RegistryEntry] = [:]
        for pair in pairs {
            guard let key = key(pair.key, under: prefix) else { continue }
            entries[key] = RegistryEntry(value: pair.value, version: pair.modifyIndex)
        }
        return entries
    }
}
