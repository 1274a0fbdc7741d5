import Logging
import Registry
import ServiceLifecycle

/// Keeps routes and subscribers between runs, as a fleet of one process does: what was stored goes into the registry before the nodes
/// start, and each later change into the file.
struct KeyKeeper: Service, CustomStringConvertible {
    let lasting: LastingKeys
    let registry: any Registry
    let logger: Logger

    var description: String { "routes and subscribers" }

    /// Puts the stored keys into the registry, where they are not there yet.
    func restore() async throws(RegistryError) {
        for (key, text) in try lasting.load() {
            _ = try await registry.compareAndSet(Array(text.utf8), for: key, expected: nil)
        }
    }

    /// Stores every change until graceful shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for prefix in LastingKeys.prefixes { group.addTask { await keep(prefix) } }
            }
        }
    }

    private func keep(_ prefix: String) async {
        for await entries in await registry.changes(under: prefix) {
            do throws(RegistryError) {
                var all = try lasting.load().filter { !$0.key.hasPrefix(prefix) }
                for (key, entry) in entries { all[key] = entry.text }
                try lasting.store(all)
            } catch {
                logger.error("\(error)")
            }
        }
    }
}
