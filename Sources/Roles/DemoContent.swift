import EdgeAgent
import Foundation
import Logging
import Registry
import ServiceLifecycle

/// What the demonstration needs in the registry: the subscriber demo/demo, and the numbers of the two applications. What is there
/// already is left as it is.
package struct DemoContent: Service, CustomStringConvertible {
    /// The applications of the demo and the numbers that reach them.
    package static let routes = ["8001": "tts", "7001": "conference"]
    /// The subscriber of the demo.
    package static let subscriber = Credentials(user: "demo", password: "demo")

    private let registry: any Registry
    private let realm: String
    private let logger: Logger

    package init(registry: any Registry, realm: String, logger: Logger) {
        self.registry = registry
        self.realm = realm
        self.logger = logger
    }

    package var description: String { "demo" }

    /// Puts it there, as soon as the registry answers, and stays until graceful shutdown.
    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                do throws(RegistryError) {
                    return try await put()
                } catch {
                    logger.debug("the demo's routes and subscriber wait for the registry: \(error)")
                }
                try await Task.sleep(for: .milliseconds(300))
            }
        }
        try await gracefulShutdown()
    }

    /// Puts what is missing into the registry.
    package func put() async throws(RegistryError) {
        for (number, application) in Self.routes {
            _ = try await registry.compareAndSet(
                Array(application.utf8),
                for: RegistryKey.route(number),
                expected: nil
            )
        }
        let demo = Self.subscriber
        let ha1 = SIPDigest.ha1(user: demo.user, realm: realm, password: demo.password)
        guard let value = try? JSONEncoder().encode(SubscriberRecord(ha1: ha1, realm: realm)) else { return }
        _ = try await registry.compareAndSet(Array(value), for: RegistryKey.subscriber(demo.user), expected: nil)
    }
}
