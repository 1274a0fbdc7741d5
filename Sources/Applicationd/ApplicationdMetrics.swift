import CoreMetrics
import Telemetry

/// What applicationd counts.
struct ApplicationdMetrics: Sendable {
    /// Events announced, by name.
    let events: TypeCounter
    /// 1 while this instance announces.
    let leading: any MeterHandler

    init(_ metrics: PrometheusMetrics) {
        events = TypeCounter(FleetMetrics.serviceEvents, metrics: metrics)
        leading = metrics.makeMeter(label: FleetMetrics.applicationdLeading.name, dimensions: [])
        leading.set(0.0)
    }
}
