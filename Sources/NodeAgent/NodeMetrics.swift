import CoreMetrics
import Telemetry

/// What an agent counts of its node.
struct NodeMetrics: Sendable {
    let events: TypeCounter
    /// Event links that are up.
    let links: any MeterHandler
    let reloads: any CounterHandler
    let restarts: any CounterHandler

    init(node: String, _ metrics: PrometheusMetrics) {
        let labels = [("node", node)]
        events = TypeCounter(FleetMetrics.nodeEvents, dimensions: labels, metrics: metrics)
        links = metrics.makeMeter(label: FleetMetrics.nodeLinks.name, dimensions: labels)
        reloads = metrics.makeCounter(label: FleetMetrics.nodeReloads.name, dimensions: labels)
        restarts = metrics.makeCounter(label: FleetMetrics.nodeRestarts.name, dimensions: labels)
    }
}
