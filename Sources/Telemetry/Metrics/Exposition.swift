/// Prometheus' text format 0.0.4: metrics by name, series by labels, so that two scrapes can be compared line by line.
struct Exposition {
    /// What the format is called in `Content-Type`.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var metrics: [String: String] = [:]

    var text: String { metrics.sorted { $0.key < $1.key }.map(\.value).joined() }

    mutating func add(_ family: Family) {
        let name = family.declaration.name
        var lines = Self.header(family.declaration)
        for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
            switch series {
            case .counter(let series): lines += "\(name)\(labels.text()) \(Self.number(series.value))\n"
            case .number(let series): lines += "\(name)\(labels.text()) \(Self.number(series.value))\n"
            case .histogram(let series): lines += Self.histogram(name, labels, series)
            }
        }
        metrics[name] = lines
    }

    mutating func add(_ declaration: MetricDeclaration, _ values: [Labels: Double]) {
        let name = declaration.name
        var lines = metrics[name] ?? Self.header(declaration)
        for (labels, value) in values.sorted(by: { $0.key < $1.key }) {
            lines += "\(name)\(labels.text()) \(Self.number(value))\n"
        }
        metrics[name] = lines
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return "\(value)"
    }

    private static func header(_ declaration: MetricDeclaration) -> String {
        let help = declaration.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return "# HELP \(declaration.name) \(help)\n# TYPE \(declaration.name) \(declaration.kind)\n"
    }

    private static func histogram(_ name: String, _ labels: Labels, _ series: HistogramSeries) -> String {
        let snapshot = series.snapshot
        var lines = ""
        var total: UInt64 = 0
        for (bound, count) in zip(series.bounds + [.infinity], snapshot.counts) {
            total += count
            lines += "\(name)_bucket\(labels.text(extra: ("le", number(bound)))) \(total)\n"
        }
        lines += "\(name)_sum\(labels.text()) \(number(snapshot.sum))\n"
        return lines + "\(name)_count\(labels.text()) \(total)\n"
    }
}
