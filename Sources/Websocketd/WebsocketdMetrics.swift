import CoreMetrics
import Telemetry

/// What websocketd counts.
struct WebsocketdMetrics: Sendable {
    /// Events of the bus: `delivered` counts each client, and the reasons why nobody got one count once.
    let events: TypeCounter
    /// Sessions that ended, by close code.
    let closes: TypeCounter

    init(_ metrics: PrometheusMetrics, hub: SessionHub) {
        events = TypeCounter(FleetMetrics.websocketdEvents, metrics: metrics)
        closes = TypeCounter(FleetMetrics.websocketdCloses, metrics: metrics)
        metrics.collect(FleetMetrics.websocketdSessions) { [MetricSample(hub.count)] }
        metrics.collect(FleetMetrics.websocketdBacklog) { [MetricSample(hub.waitingBytes)] }
    }
}
