import Telemetry

/// What the auth service counts.
struct AuthMetrics: Sendable {
    /// Logins, by how they ended: `granted`, `refused` or `throttled`.
    let logins: TypeCounter
    /// Questions about tokens: `valid`, `unknown` or `forbidden`.
    let validations: TypeCounter

    init(_ metrics: PrometheusMetrics) {
        logins = TypeCounter(FleetMetrics.logins, metrics: metrics)
        validations = TypeCounter(FleetMetrics.tokenValidations, metrics: metrics)
    }
}
