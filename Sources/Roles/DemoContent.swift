import EdgeAgent
import Foundation
import Logging
import Registry
import ServiceLifecycle

/// What the demonstration needs in the registry: the subscriber demo/demo, and the numbers of the applications. What is there already
/// is left as it is.
package struct DemoContent: Service, CustomStringConvertible {
    /// The applications of the demo and the numbers that reach them.
    package static let routes = ["8001": "tts", "7001": "conference"]
    /// The number of the application `test`, which `examples/wazo-app-test` registers at applicationd; it is the one of the system that
    /// this one succeeds.
    package static let exampleRoute = (number: "6001", application: "f8e03926-9ddd-5da5-95ed-1c2afda82be0")
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
        let example = [Self.exampleRoute.number: Self.exampleRoute.application]
        for (number, application) in Self.routes.merging(example, uniquingKeysWith: { $1 }) {
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
