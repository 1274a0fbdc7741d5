import CoreMetrics
import Telemetry

/// What an agent counts of its edge.
struct EdgeMetrics: Sendable {
    let reconciled: any CounterHandler
    let failed: any CounterHandler
    private let activeNodes: any MeterHandler
    private let registrations: any MeterHandler

    init(_ metrics: PrometheusMetrics) {
        activeNodes = metrics.makeMeter(label: FleetMetrics.edgeActiveNodes.name, dimensions: [])
        registrations = metrics.makeMeter(label: FleetMetrics.edgeRegistrations.name, dimensions: [])
        let reconciles = FleetMetrics.edgeReconciles.name
        reconciled = metrics.makeCounter(label: reconciles, dimensions: [("outcome", "ok")])
        failed = metrics.makeCounter(label: reconciles, dimensions: [("outcome", "failed")])
    }

    func show(_ status: EdgeStatus) {
        activeNodes.set(Int64(status.activeNodes))
        registrations.set(Int64(status.registrations))
    }
}
