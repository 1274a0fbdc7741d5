/// All series of one metric.
struct Family: Sendable {
    /// Any of the three kinds of series.
    enum Series: Sendable {
        case counter(CounterSeries)
        case number(NumberSeries)
        case histogram(HistogramSeries)

        var object: AnyObject {
            switch self {
            case .counter(let series): series
            case .number(let series): series
            case .histogram(let series): series
            }
        }
    }

    let declaration: MetricDeclaration
    private(set) var series: [Labels: Series] = [:]

    init(_ declaration: MetricDeclaration) { self.declaration = declaration }

    /// The series with these labels, made if needed; at the bound, the one that stands for all the rest.
    mutating func series(_ labels: Labels, maximum: Int, make: () -> Series) -> Series {
        if let known = series[labels] { return known }
        let key = series.count < maximum ? labels : labels.overflowing
        if let known = series[key] { return known }
        let new = make()
        series[key] = new
        return new
    }

    mutating func remove(_ handler: AnyObject) { series = series.filter { $0.value.object !== handler } }
}

/// A value read when somebody looks.
package struct MetricSample: Sendable {
    package var labels: [(String, String)]
    package var value: Double

    package init(_ value: Double, _ labels: (String, String)...) {
        self.value = value
        self.labels = labels
    }

    package init(_ value: Int, _ labels: (String, String)...) {
        self.value = Double(value)
        self.labels = labels
    }

    /// At most `maximum` samples with distinct labels; what is beyond is added up under the label value "other".
    static func bounded(_ samples: [MetricSample], maximum: Int) -> [Labels: Double] {
        var values: [Labels: Double] = [:]
        for sample in samples {
            let labels = Labels(sample.labels)
            let key = values[labels] != nil || values.count < maximum ? labels : labels.overflowing
            values[key, default: 0] += sample.value
        }
        return values
    }
}
