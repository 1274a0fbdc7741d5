import Foundation

/// What the kernel knows of this process, read from `/proc` at each scrape.
enum ProcessMetrics {
    static func collect(into metrics: PrometheusMetrics) {
        metrics.collect(FleetMetrics.residentMemory) { residentMemory.map { [MetricSample($0)] } ?? [] }
        metrics.collect(FleetMetrics.cpuSeconds) { cpuSeconds.map { [MetricSample($0)] } ?? [] }
        metrics.collect(FleetMetrics.openFiles) { openFiles.map { [MetricSample($0)] } ?? [] }
        metrics.collect(FleetMetrics.startTime) { startTime.map { [MetricSample($0)] } ?? [] }
    }

    static var residentMemory: Int? {
        guard let text = read("/proc/self/statm") else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    static var cpuSeconds: Double? {
        guard let fields = stat, fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { return nil }
        return (user + system) / ticksPerSecond
    }

    static var openFiles: Int? { try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }

    static let startTime: Double? = {
        guard let fields = stat, fields.count > 19, let ticks = Double(fields[19]),
            let line = read("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let boot = Double(line.dropFirst("btime ".count))
        else { return nil }
        return boot + ticks / ticksPerSecond
    }()

    /// The fields of `/proc/self/stat` after the command, which stands in parentheses and may hold anything.
    private static var stat: [Substring]? {
        guard let text = read("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static var ticksPerSecond: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

    private static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
