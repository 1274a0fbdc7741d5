import CoreMetrics
import Testing

@testable import Telemetry

@Suite("Metrics")
struct PrometheusMetricsTests {
    private let metrics = PrometheusMetrics(
        declarations: [
            MetricDeclaration("calls", .gauge, "Calls up, by \\ node\nand more."),
            MetricDeclaration("wait_seconds", .histogram, "Waiting.", buckets: [0.1, 1]),
        ],
        maximumSeries: 3
    )

    private var lines: [String] { metrics.text().split(separator: "\n").map(String.init) }

    @Test("counters, meters and floating counters are written by name and by label")
    func plain() {
        Counter(label: "seen_total", dimensions: [("type", "b")], factory: metrics).increment(by: 2)
        Counter(label: "seen_total", dimensions: [("type", "a")], factory: metrics).increment()
        Meter(label: "calls", dimensions: [("node", "ast1")], factory: metrics).set(1.5)
        FloatingPointCounter(label: "paid", factory: metrics).increment(by: 0.25)
        #expect(
            lines == [
                "# HELP calls Calls up, by \\\\ node\\nand more.", "# TYPE calls gauge", "calls{node=\"ast1\"} 1.5",
                "# HELP paid paid (counter).", "# TYPE paid counter", "paid 0.25",
                "# HELP seen_total seen_total (counter).", "# TYPE seen_total counter",
                "seen_total{type=\"a\"} 1", "seen_total{type=\"b\"} 2",
            ]
        )
    }

    @Test("the same name and labels are one series, in whatever order they are given")
    func sameSeries() {
        Counter(label: "x", dimensions: [("a", "1"), ("b", "2")], factory: metrics).increment()
        Counter(label: "x", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment()
        #expect(lines.last == "x{a=\"1\",b=\"2\"} 2")
    }

    @Test("a timer counts seconds into cumulated buckets")
    func timers() {
        let timer = Timer(label: "wait", factory: metrics)
        for milliseconds in [50, 100, 500, 3000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            lines == [
                "# HELP wait_seconds Waiting.", "# TYPE wait_seconds histogram",
                "wait_seconds_bucket{le=\"0.1\"} 2", "wait_seconds_bucket{le=\"1\"} 3",
                "wait_seconds_bucket{le=\"+Inf\"} 4", "wait_seconds_sum 3.65", "wait_seconds_count 4",
            ]
        )
    }

    @Test(
        "names and label values cannot break the format",
        arguments: [
            ("a.b-c", "plain", "a_b_c{k=\"plain\"} 1"),
            ("9lives", "say \"hi\"", "_9lives{k=\"say \\\"hi\\\"\"} 1"),
            ("x", "two\nlines", "x{k=\"two\\nlines\"} 1"),
            ("x", "back\\slash", "x{k=\"back\\\\slash\"} 1"),
            ("größe", "\r\n", "gr__e{k=\"\r\\n\"} 1"),
            ("", "", "_{k=\"\"} 1"),
        ]
    )
    func hostile(name: String, value: String, line: String) {
        Counter(label: name, dimensions: [("k", value)], factory: metrics).increment()
        #expect(metrics.text().hasSuffix("\n\(line)\n"))
    }

    @Test("what comes after the bound of series is counted together")
    func overflow() {
        for number in 0..<50 {
            Counter(label: "x", dimensions: [("who", "\(number)")], factory: metrics).increment()
        }
        let values = lines.filter { $0.hasPrefix("x{") }
        #expect(values.count == 4)
        #expect(values.contains("x{who=\"other\"} 47"))
    }

    @Test("a long label value is cut")
    func longValue() {
        Counter(label: "x", dimensions: [("k", String(repeating: "y", count: 10_000))], factory: metrics).increment()
        #expect(lines.last?.count == "x{k=\"\"} 1".count + 128)
    }

    @Test("a name that is already something else gets its kind added")
    func otherKind() {
        Counter(label: "x", factory: metrics).increment()
        Meter(label: "x", factory: metrics).set(5)
        #expect(lines.filter { !$0.hasPrefix("#") } == ["x 1", "x_gauge 5"])
    }

    @Test("collectors are read at each scrape; a later one of the same owner takes the place")
    func collectors() {
        let calls = MetricDeclaration("calls", .gauge, "Calls.")
        metrics.collect(calls, owner: "a") { [MetricSample(1, ("node", "x"))] }
        metrics.collect(calls, owner: "a") { [MetricSample(2, ("node", "x")), MetricSample(0.5, ("node", "w"))] }
        metrics.collect(calls, owner: "b") { [MetricSample(3, ("node", "y"))] }
        #expect(
            lines.filter { !$0.hasPrefix("#") }
                == ["calls{node=\"w\"} 0.5", "calls{node=\"x\"} 2", "calls{node=\"y\"} 3"]
        )
        metrics.collect(calls, owner: "b") { (0..<9).map { MetricSample(1, ("node", "\($0)")) } }
        #expect(lines.contains { $0.hasPrefix("calls{node=\"other\"} ") })
        #expect(lines.filter { $0.hasPrefix("calls{") }.count == 4)
    }

    @Test("a destroyed handler is gone")
    func destroyed() {
        let counter = Counter(label: "x", factory: metrics)
        counter.increment()
        counter.destroy()
        #expect(!lines.contains("x 1"))
    }

    @Test("no increment is lost between threads")
    func threads() async {
        let counter = metrics.makeCounter(label: "n", dimensions: [])
        let meter = metrics.makeMeter(label: "m", dimensions: [])
        let types = TypeCounter(MetricDeclaration("t", .counter, "T."), metrics: metrics)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment(by: 1)
                        meter.increment(by: 0.5)
                        types.count("StasisStart")
                    }
                }
            }
        }
        #expect(lines.contains("n 8000"))
        #expect(lines.contains("m 4000"))
        #expect(lines.contains("t{type=\"StasisStart\"} 8000"))
    }

    @Test("request times have a series per method and class of status")
    func requestTimes() {
        let metrics = PrometheusMetrics()
        let times = RequestTimes(metrics: metrics)
        times.record(method: "GET", status: 200, nanoseconds: 2_000_000)
        times.record(method: "GET", status: 204, nanoseconds: 2_000_000)
        times.record(method: "BREW", status: 418, nanoseconds: 1)
        let text = metrics.text()
        #expect(text.contains("asterism_request_seconds_count{method=\"GET\",status=\"2xx\"} 2\n"))
        #expect(text.contains("asterism_request_seconds_bucket{method=\"GET\",status=\"2xx\",le=\"0.0025\"} 2\n"))
        #expect(text.contains("asterism_request_seconds_count{method=\"other\",status=\"4xx\"} 1\n"))
    }

    @Test("the process tells about itself")
    func process() throws {
        let text = PrometheusMetrics.process.text()
        for name in [
            "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
            "process_start_time_seconds",
        ] {
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + " ") })
            let value = try #require(Double(line.dropFirst(name.count + 1)))
            #expect(value > 0)
        }
        #expect(Set(FleetMetrics.all.map(\.name)).count == FleetMetrics.all.count)
    }
}
