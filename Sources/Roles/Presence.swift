import Foundation
import Logging
import Registry
import ServiceLifecycle

/// Tells the registry where a service is, for nginx and others, for as long as it runs.
package struct Presence: Service, CustomStringConvertible {
    private let record: GatewayRecord
    private let key: String
    private let registry: any Registry
    private let logger: Logger

    /// - Parameter service: the prefix that the front looks under, such as `websocketd`.
    package init(of service: String, name: String, at address: HostPort, registry: any Registry, logger: Logger) {
        record = GatewayRecord(name: name, address: address)
        key = "\(service)/\(name)"
        self.registry = registry
        self.logger = logger
    }

    package var description: String { "presence of \(key)" }

    package func run() async throws {
        guard let value = try? JSONEncoder().encode(record) else { return }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(RegistryError) {
                    return try await registry.announce(Array(value), for: key)
                } catch {
                    logger.warning("this instance is not announced yet", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        try? await gracefulShutdown()
        try? await registry.remove(key)
    }
}
