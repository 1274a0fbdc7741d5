import Fleet
import Registry
import Synchronization

/// Which applications are subscribed to which fleet bridges: a part that is made later must tell them too.
final class BridgeSubscribers: Sendable {
    private static let prefix = RegistryKey.lastingRequest("subscription/")

    private let registry: any Registry
    /// Bridge -> applications.
    private let applications = Mutex<[String: Set<String>]>([:])

    init(registry: any Registry) { self.registry = registry }

    /// The applications that hear of a bridge, wherever its channels are.
    func applications(of bridge: String) -> Set<String> { applications.withLock { $0[bridge] ?? [] } }

    /// An application has subscribed here, or no longer is.
    func note(_ application: String, of bridge: String, isWanted: Bool) {
        applications.withLock { applications in
            if isWanted {
                applications[bridge, default: []].insert(application)
            } else {
                applications[bridge]?.remove(application)
            }
        }
    }

    /// Follows who subscribes, at whichever gateway.
    func follow() async {
        for await entries in await registry.changes(under: Self.prefix) {
            let found = Self.read(entries.keys)
            applications.withLock { $0 = found }
        }
    }

    /// A bridge is gone, and the subscriptions to it with it.
    func end(_ bridge: String) async {
        for application in applications(of: bridge) {
            try? await registry.remove("\(Self.prefix)\(application)/bridge:\(bridge)")
        }
    }

    /// `subscription/<application>/bridge:<id>`
    static func read(_ keys: some Sequence<String>) -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for key in keys {
            let parts = key.dropFirst(prefix.count).split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("bridge:") else { continue }
            found[String(parts[1].dropFirst(7)), default: []].insert(String(parts[0]))
        }
        return found
    }
}
