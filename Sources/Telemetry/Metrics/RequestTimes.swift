import CoreMetrics
import Synchronization

/// How long requests took, by method and class of status; a series is made when the first request of its kind ends.
package final class RequestTimes: Sendable {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
    private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]

    private let metrics: PrometheusMetrics
    private let timers: Mutex<[(any TimerHandler)?]>

    package init(metrics: PrometheusMetrics = .process) {
        self.metrics = metrics
        timers = Mutex(Array(repeating: nil, count: (Self.methods.count + 1) * Self.classes.count))
    }

    /// Takes note of a request that ended.
    /// - Parameters:
    ///   - method: the HTTP method; any that is not usual counts as `other`.
    ///   - status: the code it was answered with.
    package func record(method: String, status: Int, nanoseconds: Int64) {
        let row = Self.methods.firstIndex(of: method) ?? Self.methods.count
        let column = min(max(status / 100, 1), Self.classes.count) - 1
        let index = row * Self.classes.count + column
        let timer = timers.withLock { timers in
            if let timer = timers[index] { return timer }
            let timer = metrics.makeTimer(
                label: FleetMetrics.requests.name,
                dimensions: [
                    ("method", row < Self.methods.count ? Self.methods[row] : Labels.overflow),
                    ("status", Self.classes[column]),
                ]
            )
            timers[index] = timer
            return timer
        }
        timer.recordNanoseconds(nanoseconds)
    }
}
