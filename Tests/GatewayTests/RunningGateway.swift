import ARI
import Access
import EventBus
import Logging
import NIOCore
import NIOHTTP1
import Registry
import ServiceLifecycle
import Synchronization

@testable import Gateway

/// A gateway of the test's own.
struct RunningGateway: Sendable {
    let name: String
    let ari: ARIClient
    let port: Int
    private let group: ServiceGroup
    private let task: Task<Void, Never>

    init(
        _ number: Int,
        registry: any Registry,
        bus: any EventBus,
        tokens: TokenCache? = nil,
        adapt: (inout GatewaySettings) -> Void = { _ in }
    ) async throws {
        while true {
            let port = FreePort.next()
            var settings = GatewaySettings(
                address: HostPort(host: "127.0.0.1", port: port),
                ariUsers: [Credentials(user: "u", password: "p")],
                operators: [Credentials(user: "op", password: "p")]
            )
            settings.name = "gateway-\(number)"
            settings.applicationTimeout = .milliseconds(20)
            // Tests of what is given up set less: a busy machine takes its time.
            settings.legPatience = .seconds(20)
            settings.referralPatience = .seconds(20)
            adapt(&settings)
            do {
                try await self.init(settings, registry: registry, bus: bus, tokens: tokens)
                return
            } catch GatewayError.cannotListen {
                continue
            }
        }
    }

    private init(
        _ settings: GatewaySettings,
        registry: any Registry,
        bus: any EventBus,
        tokens: TokenCache?
    ) async throws {
        name = settings.name
        port = settings.address.port
        var logger = Logger(label: name)
        logger.logLevel = .error
        let gateway = Gateway(settings: settings, registry: registry, bus: bus, tokens: tokens, logger: logger)
        let group = ServiceGroup(services: [gateway], logger: logger)
        self.group = group
        let failure = Failure()
        task = Task { do { try await group.run() } catch { failure.set(error) } }
        ari = ARIClient(baseURL: "http://127.0.0.1:\(port)/ari", user: "u", password: "p")
        let deadline = ContinuousClock.now + .seconds(40)
        while true {
            if let error = failure.error { throw error }
            var problem: any Error = NotReady(reasons: gateway.readiness.reasons)
            if gateway.readiness.isReady {
                do throws(ARIError) {
                    _ = try await ari.bridges.get("none")
                } catch {
                    // Until some gateway conducts, and this one knows it, nobody can say.
                    if error.status == 404 { break }
                    problem = error
                }
            }
            guard ContinuousClock.now < deadline else { throw problem }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private struct NotReady: Error { let reasons: [String] }

    /// Why it ended by itself.
    private final class Failure: Sendable {
        private let state = Mutex<(any Error)?>(nil)
        var error: (any Error)? { state.withLock(\.self) }
        func set(_ error: any Error) { state.withLock { $0 = error } }
    }

    /// The operators' API. A move may wait for a phone.
    var operators: ARIClient {
        ARIClient(baseURL: "http://127.0.0.1:\(port)/fleet", user: "op", password: "p", timeout: .seconds(50))
    }

    /// What operators are told of the bridges.
    func bridges() async throws -> [JSONValue] {
        try await operators.request([JSONValue].self, .GET, ["bridges"])
    }

    /// Waits until it has heard that calls entered their applications, and so of all that nodes said before.
    func hasHeard(of calls: Set<String>) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let known = try await operators.request([JSONValue].self, .GET, ["calls"])
            let entered = known.filter { $0["application"]?.string != nil }.compactMap { $0["id"]?.string }
            if calls.isSubset(of: entered) { return }
            guard ContinuousClock.now < deadline else { throw Unheard(calls: calls.subtracting(entered)) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private struct Unheard: Error { let calls: Set<String> }

    func stop() async {
        await group.triggerGracefulShutdown()
        await task.value
    }
}
