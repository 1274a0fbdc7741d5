import Fleet
import Logging
import Registry

/// Keeps applications registered on the nodes while a client holds them, and a little longer, so that a client that connects
/// again misses no call.
actor Applications {
    private let registry: any Registry
    private let directory: FleetDirectory
    private let hub: EventHub
    private let settings: GatewaySettings
    private let logger: Logger
    private var leaving: [String: Task<Void, Never>] = [:]

    init(registry: any Registry, directory: FleetDirectory, hub: EventHub, settings: GatewaySettings, logger: Logger) {
        self.registry = registry
        self.directory = directory
        self.hub = hub
        self.settings = settings
        self.logger = logger
    }

    /// Registers applications and waits, bounded, until every node that takes calls has them.
    func register(_ applications: [String]) async {
        for application in applications {
            leaving.removeValue(forKey: application)?.cancel()
            do {
                try await registry.set(Array(application.utf8), for: RegistryKey.application(application))
            } catch {
                logger.error(
                    "application not registered",
                    metadata: ["application": "\(application)", "error": "\(error)"]
                )
            }
        }
        let deadline = ContinuousClock.now + settings.applicationTimeout
        while !isEverywhere(applications), ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The last socket of these applications has closed.
    func release(_ applications: [String]) {
        for application in applications {
            leaving[application]?.cancel()
            // Owned by `leaving`: cancelled when the application comes back or the gateway stops.
            leaving[application] = Task { [settings] in
                try? await Task.sleep(for: settings.applicationLinger)
                if !Task.isCancelled { await self.unregister(application) }
            }
        }
    }

    /// Unregisters at once what is only lingering.
    func stop() async {
        for (application, task) in leaving {
            task.cancel()
            await unregister(application)
        }
    }

    private func unregister(_ application: String) async {
        leaving[application] = nil
        guard !hub.isHeld(application) else { return }
        try? await registry.remove(RegistryKey.application(application))
    }

    private func isEverywhere(_ applications: [String]) -> Bool {
        directory.read { state in
            state.mirrors.values.allSatisfy { mirror in applications.allSatisfy(mirror.applications.contains) }
        }
    }
}
