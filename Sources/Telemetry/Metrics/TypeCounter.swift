import CoreMetrics
import Synchronization

/// Counts things by a type whose names come from outside, such as events: one look-up per thing, no text made.
package final class TypeCounter: Sendable {
    private let metrics: PrometheusMetrics
    private let declaration: MetricDeclaration
    private let dimensions: [(String, String)]
    private let known = Mutex<[String: any CounterHandler]>([:])
    /// Types remembered; others are looked up each time, and counted as the metric's bound has it.
    private static let maximumKnown = 256

    /// - Parameter dimensions: labels besides `type`.
    package init(
        _ declaration: MetricDeclaration,
        dimensions: [(String, String)] = [],
        metrics: PrometheusMetrics = .process
    ) {
        self.declaration = declaration
        self.dimensions = dimensions
        self.metrics = metrics
    }

    /// Counts one.
    package func count(_ type: String) {
        if let counter = known.withLock({ $0[type] }) { return counter.increment(by: 1) }
        let counter = metrics.makeCounter(label: declaration.name, dimensions: dimensions + [("type", type)])
        known.withLock { if $0.count < Self.maximumKnown { $0[type] = counter } }
        counter.increment(by: 1)
    }
}
