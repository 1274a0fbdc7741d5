import CoreMetrics
import Synchronization

/// The metrics of a process, for swift-metrics and for Prometheus.
///
/// Handlers are found under a lock once, when a metric is made; recording into them is atomic. Every metric has a bounded number of
/// series: what comes after that is counted in one whose labels read "other", so that no label can fill the memory.
package final class PrometheusMetrics: MetricsFactory {
    /// The metrics of this process, which its `/metrics` shows.
    package static let process: PrometheusMetrics = {
        let metrics = PrometheusMetrics()
        ProcessMetrics.collect(into: metrics)
        return metrics
    }()

    private struct Collector: Sendable {
        var declaration: MetricDeclaration
        var read: @Sendable () -> [MetricSample]
    }

    private struct CollectorKey: Hashable {
        var name: String
        var owner: String
    }

    private struct State {
        var families: [String: Family] = [:]
        var collectors: [CollectorKey: Collector] = [:]
    }

    private let declarations: [String: MetricDeclaration]
    private let maximumSeries: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - declarations: metrics with a help text and buckets of their own.
    ///   - maximumSeries: series one metric may have.
    package init(declarations: [MetricDeclaration] = FleetMetrics.all, maximumSeries: Int = 256) {
        self.declarations = Dictionary(declarations.map { ($0.name, $0) }) { first, _ in first }
        self.maximumSeries = maximumSeries
    }

    /// Has a metric read at each scrape, from whatever holds the truth. One collector per metric and owner: a later one takes its place.
    package func collect(
        _ declaration: MetricDeclaration,
        owner: String = "",
        _ read: @escaping @Sendable () -> [MetricSample]
    ) {
        state.withLock {
            $0.collectors[CollectorKey(name: declaration.name, owner: owner)] =
                Collector(declaration: declaration, read: read)
        }
    }

    /// Counts one of what happens seldom; what happens often holds on to a ``TypeCounter`` or a handler of its own.
    package func count(_ declaration: MetricDeclaration, _ labels: [(String, String)] = []) {
        makeCounter(label: declaration.name, dimensions: labels).increment(by: 1)
    }

    /// Everything, in Prometheus' text format 0.0.4.
    package func text() -> String {
        let (families, collectors) = state.withLock { ($0.families, Array($0.collectors.values)) }
        var exposition = Exposition()
        for family in families.values { exposition.add(family) }
        for (_, group) in Dictionary(grouping: collectors, by: \.declaration.name) {
            guard let declaration = group.first?.declaration else { continue }
            // Read outside the lock: a collector may take locks of its own.
            exposition.add(declaration, MetricSample.bounded(group.flatMap { $0.read() }, maximum: maximumSeries))
        }
        return exposition.text
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let made = series(label, dimensions, .counter) { _ in .counter(CounterSeries()) }
        if case .counter(let series) = made { return series }
        return CounterSeries()
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let made = series(label, dimensions, .counter) { _ in .number(NumberSeries(onlyGrows: true)) }
        if case .number(let series) = made { return series }
        return NumberSeries(onlyGrows: true)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let made = series(label, dimensions, .gauge) { _ in .number(NumberSeries()) }
        if case .number(let series) = made { return series }
        return NumberSeries()
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        // Without aggregation a recorder is swift-metrics' gauge.
        switch series(label, dimensions, aggregate ? .histogram : .gauge, make: Self.make) {
        case .histogram(let series): series
        case .number(let series): series
        case .counter: NumberSeries()
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
        let made = series(name, dimensions, .histogram, make: Self.make)
        if case .histogram(let series) = made { return series }
        return HistogramSeries(bounds: MetricDeclaration.latencyBuckets)
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func series(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: MetricDeclaration.Kind,
        make: (MetricDeclaration) -> Family.Series
    ) -> Family.Series {
        var name = MetricName.metric(label)
        let labels = Labels(dimensions)
        return state.withLock { state in
            // One name has one kind; a second one is told apart rather than lost.
            let known = state.families[name]?.declaration ?? declarations[name]
            if let known, known.kind != kind { name += "_\(kind)" }
            let declaration =
                state.families[name]?.declaration ?? declarations[name]
                ?? MetricDeclaration(name, kind, "\(label) (\(kind)).")
            return state.families[name, default: Family(declaration)]
                .series(labels, maximum: maximumSeries) { make(declaration) }
        }
    }

    private static func make(_ declaration: MetricDeclaration) -> Family.Series {
        declaration.kind == .histogram
            ? .histogram(HistogramSeries(bounds: declaration.buckets)) : .number(NumberSeries())
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for name in state.families.keys { state.families[name]?.remove(handler) }
        }
    }
}
