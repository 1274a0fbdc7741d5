import ARI
import Fleet
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Registry
import ServiceLifecycle
import Synchronization

/// What applications have said they do not want to hear, known to every gateway.
final class EventFilters: Sendable {
    private let registry: any Registry
    private let filters = Mutex<[String: EventFilter]>([:])

    init(registry: any Registry) { self.registry = registry }

    func filter(of application: String) -> EventFilter { filters.withLock { $0[application] } ?? EventFilter() }

    func admits(_ type: String, to application: String) -> Bool {
        filters.withLock { $0[application]?.admits(type) } ?? true
    }

    /// Changes the filter of an application that exists.
    func change(_ application: String, by body: ByteBuffer) async -> GatewayAnswer? {
        let wish = body.readableBytes > 0 ? try? JSONDecoder().decode(JSONValue.self, from: body) : .object([:])
        guard let wish else { return .badBody }
        guard let changed = filter(of: application).changed(by: wish) else {
            return .error(.badRequest, "Invalid format definition")
        }
        do {
            if changed == EventFilter() {
                try await registry.remove(RegistryKey.eventFilter(application))
            } else {
                try await registry.set(
                    Array(try JSONEncoder().encode(changed)),
                    for: RegistryKey.eventFilter(application)
                )
            }
        } catch {
            return .error(.serviceUnavailable, "The filter could not be recorded: \(error)")
        }
        filters.withLock { $0[application] = changed }
        return nil
    }

    /// An application is gone, and what it wanted with it.
    func end(_ application: String) async {
        guard filters.withLock({ $0.removeValue(forKey: application) }) != nil else { return }
        try? await registry.remove(RegistryKey.eventFilter(application))
    }

    /// Follows what other gateways were told.
    func follow() async {
        for await entries in await registry.changes(under: RegistryKey.eventFilters) {
            let read = entries.compactMapValues { try? JSONDecoder().decode(EventFilter.self, from: Data($0.value)) }
            let byName = Dictionary(
                read.map { (String($0.key.dropFirst(RegistryKey.eventFilters.count)), $0.value) },
                uniquingKeysWith: { $1 }
            )
            filters.withLock { $0 = byName }
        }
    }
}
