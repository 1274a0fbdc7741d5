import Fleet
import Foundation
import Logging
import Registry
import ServiceLifecycle
import Synchronization

/// Who of the gateways conducts the fleet bridges: this one, another, or nobody yet.
final class Conductorship: Sendable {
    /// Who conducts.
    enum Conductor: Sendable, Hashable {
        case nobody
        case this
        case other(GatewayRecord)
    }

    private struct State {
        var isReady = false
        var name: String?
        var gateways: [String: GatewayRecord] = [:]
    }

    let own: GatewayRecord
    private let state = Mutex(State())

    init(own: GatewayRecord) { self.own = own }

    /// Who conducts now.
    var conductor: Conductor {
        state.withLock { state in
            if state.isReady { return .this }
            guard let name = state.name, name != own.name, let record = state.gateways[name] else { return .nobody }
            return .other(record)
        }
    }

    /// The gateways that run, sorted by name.
    var gateways: [GatewayRecord] { state.withLock { $0.gateways.values.sorted { $0.name < $1.name } } }

    /// Waits, bounded, for somebody to conduct who is not `former`.
    func conductor(otherThan former: Conductor? = nil, within patience: Duration) async -> Conductor {
        let deadline = ContinuousClock.now + patience
        while true {
            let conductor = conductor
            if conductor != .nobody, conductor != former { return conductor }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return .nobody }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    func setReady(_ isReady: Bool) { state.withLock { $0.isReady = isReady } }
    func setConductor(_ name: String?) { state.withLock { $0.name = name } }
    func setGateways(_ records: [GatewayRecord]) {
        state.withLock { $0.gateways = Dictionary(records.map { ($0.name, $0) }, uniquingKeysWith: { $1 }) }
    }
}

/// Campaigns for the bridges, and follows who won. The last service to start, for it is the first to stop: another gateway takes
/// over before this one closes.
struct ConductorCampaign: Service {
    let conductorship: Conductorship
    let registry: any Registry
    let bridges: BridgeConductor
    let readiness: GatewayReadiness
    let logger: Logger

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await announce() }
            group.addTask { await followConductor() }
            group.addTask { await followGateways() }
            group.addTask { await campaign() }
            try? await gracefulShutdown()
            await bridges.retire()
            // Drops the campaign: from here on another gateway conducts.
            group.cancelAll()
        }
        try? await registry.remove(RegistryKey.gateway(conductorship.own.name))
    }

    private func announce() async {
        let own = conductorship.own
        guard let value = try? JSONEncoder().encode(own) else { return }
        // Requests come through the front as soon as it knows the gateway.
        await readiness.waitUntilOpen(atMost: nil)
        while !Task.isCancelled {
            do {
                try await registry.announce(Array(value), for: RegistryKey.gateway(own.name))
                return
            } catch {
                logger.warning("the gateway is not announced yet", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func followConductor() async {
        for await entries in await registry.changes(under: RegistryKey.conductor) {
            conductorship.setConductor(entries[RegistryKey.conductor]?.text)
        }
    }

    private func followGateways() async {
        for await entries in await registry.changes(under: RegistryKey.gateways) {
            conductorship.setGateways(
                entries.values.compactMap { try? JSONDecoder().decode(GatewayRecord.self, from: Data($0.value)) }
            )
        }
    }

    private func campaign() async {
        let name = conductorship.own.name
        await readiness.waitUntilOpen(atMost: nil)
        guard !Task.isCancelled else { return }
        for await isElected in await registry.campaign(for: RegistryKey.conductor, as: Array(name.utf8)) {
            logger.info(
                "\(isElected ? "conducts" : "does not conduct") the fleet bridges",
                metadata: ["gateway": "\(name)"]
            )
            if isElected { await bridges.takeOver() } else { await bridges.stepDown() }
        }
    }
}
