import CoreMetrics
import RabbitMQBus
import Registry
import ServiceLifecycle
import Telemetry

/// Asks the registry now and then whether it answers, for the status page and the metrics.
///
/// A role that has been ready stays ready while the registry is away: what is known goes on working.
struct RegistryWatch: Service, CustomStringConvertible {
    private static let interval = Duration.seconds(2)

    let registry: any Registry
    let health: Health

    var description: String { "registry watch" }

    func run() async throws {
        // Made at once, so that it shows 0 until the first.
        let reconnects = PrometheusMetrics.process.makeCounter(
            label: FleetMetrics.registryReconnects.name,
            dimensions: []
        )
        var wasReached = false
        var isAway = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do throws(RegistryError) {
                _ = try await registry.entry(RegistryKey.fleetSize)
                if isAway { reconnects.increment(by: 1) }
                (wasReached, isAway) = (true, false)
                health.good("registry")
            } catch {
                isAway = wasReached
                health.bad("registry", "\(error)", impact: wasReached ? .none : .readiness)
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
    }
}

/// Tells of the bus what the status page and the metrics show. Events wait in a buffer while it is away, so a role that has been
/// ready stays so.
struct BusWatch: Service, CustomStringConvertible {
    private static let interval = Duration.seconds(1)

    let bus: RabbitMQBus
    let health: Health

    var description: String { "bus watch" }

    func run() async throws {
        let metrics = PrometheusMetrics.process
        metrics.collect(FleetMetrics.busBuffered) { [bus] in [MetricSample(Double(bus.state.buffered))] }
        metrics.collect(FleetMetrics.busDropped) { [bus] in [MetricSample(Double(bus.state.dropped))] }
        metrics.collect(FleetMetrics.busReconnects) { [bus] in [MetricSample(Double(bus.state.reconnects))] }
        var wasReached = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let state = bus.state
            if state.isConnected {
                wasReached = true
                health.good("bus")
            } else {
                health.bad("bus", state.problem ?? "is not connected", impact: wasReached ? .none : .readiness)
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
    }
}
