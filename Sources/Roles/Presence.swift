import Foundation
import Logging
import Registry
import ServiceLifecycle

/// Tells the registry where a service is, for nginx and others, from when it listens for as long as it runs.
package struct Presence: Service, CustomStringConvertible {
    private let record: GatewayRecord
    private let key: String
    private let registry: any Registry
    private let logger: Logger
    private let opened: AsyncStream<Void>
    private let open: AsyncStream<Void>.Continuation

    /// - Parameter service: the prefix that the front looks under, such as `websocketd`.
    package init(of service: String, name: String, at address: HostPort, registry: any Registry, logger: Logger) {
        (opened, open) = AsyncStream.makeStream()
        record = GatewayRecord(name: name, address: address)
        key = "\(service)/\(name)"
        self.registry = registry
        self.logger = logger
    }

    package var description: String { "presence of \(key)" }

    /// Says that the service listens.
    package func begin() { open.finish() }

    package func run() async throws {
        guard let value = try? JSONEncoder().encode(record) else { return }
        await cancelWhenGracefulShutdown {
            for await _ in opened {}
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
