import CoreMetrics
import Fleet
import Telemetry

/// What a gateway counts, and what it shows of the fleet when somebody looks.
struct GatewayMetrics: Sendable {
    let events: TypeCounter
    let requests: RequestTimes
    /// Requests that wait for a connection to a node.
    let upstreamQueue: any MeterHandler

    init(_ metrics: PrometheusMetrics, directory: FleetDirectory, hub: EventHub) {
        events = TypeCounter(FleetMetrics.events, metrics: metrics)
        requests = RequestTimes(metrics: metrics)
        upstreamQueue = metrics.makeMeter(label: FleetMetrics.upstreamQueue.name, dimensions: [])
        metrics.collect(FleetMetrics.calls) {
            directory.read { $0.nodeReports() }.map { MetricSample($0.calls, ("node", $0.name)) }
        }
        metrics.collect(FleetMetrics.channels) {
            [MetricSample(directory.read { $0.nodeReports() }.reduce(0) { $0 + $1.channels })]
        }
        metrics.collect(FleetMetrics.nodes) {
            let states = directory.read { $0.nodeReports() }.map(\.state)
            return NodeReport.State.allCases.map { state in
                MetricSample(states.count { $0 == state }, ("state", state.rawValue))
            }
        }
        metrics.collect(FleetMetrics.bridges) {
            [MetricSample(directory.read { state in state.bridges.values.count { !$0.isForgotten } })]
        }
        metrics.collect(FleetMetrics.legs) {
            let ends = directory.read { $0.mirrors.values.flatMap { $0.channels.values.compactMap(\.leg) } }
            // Both ends of a leg have its id.
            return [MetricSample(Set(ends).count)]
        }
        metrics.collect(FleetMetrics.eventSockets) { [MetricSample(hub.sockets.count)] }
        metrics.collect(FleetMetrics.eventBacklog) { [MetricSample(hub.sockets.reduce(0) { $0 + $1.waitingBytes })] }
    }
}
