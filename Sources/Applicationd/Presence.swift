import Foundation
import Logging
import NIOCore
import Registry
import ServiceLifecycle

/// Tells the registry where this instance is, for nginx and others.
struct Presence: Service, CustomStringConvertible {
    let settings: ApplicationdSettings
    let registry: any Registry
    let logger: Logger

    var description: String { "presence" }

    func run() async throws {
        let record = GatewayRecord(name: settings.name, address: settings.advertised ?? settings.address)
        let key = RegistryKey.applicationd(settings.name)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(RegistryError) {
                    return try await registry.announce(Array(JSONText.encode(record).readableBytesView), for: key)
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
